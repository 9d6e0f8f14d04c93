#!/usr/bin/env bash
# Request Tracker 5.0.3 (Debian: request-tracker5 rt5-db-sqlite rt5-standalone) on loopback, SQLite, mail into an mbox.
# Queue "Support" with oncall and dirk (the team: may see and write comments), reader (sees tickets, may change nothing)
# and carol (unprivileged: the customer, who sees her tickets and no queue); everybody's password is secret-pass-1. Tickets have a custom field "Customer".
NAME=rt
. "$(dirname "$(readlink -f "$0")")/common.sh"

do_install() {
  if [ "$(id -u)" = 0 ]; then
    apt_install debconf
    printf 'request-tracker5 request-tracker5/%s\n' 'dbconfig-install boolean false' \
      'initial-root-password password secret-pass-1' 'initial-root-password-again password secret-pass-1' | debconf-set-selections
  fi
  apt_install msmtp-mta request-tracker5 rt5-db-sqlite rt5-standalone curl
}

do_start() {
  export RT_SITE_CONFIG="$DIR/RT_SiteConfig.pm" RT_SITE_CONFIG_DIR="$DIR/conf.d" HOME="$DIR"
  mkdir -p "$DIR"/{conf.d,mason_data,session_data}
  cat >"$DIR/RT_SiteConfig.pm" <<CONF
use utf8;
\$RT::VarPath = '$DIR'; \$RT::MasonDataDir = '$DIR/mason_data'; \$RT::MasonSessionDir = '$DIR/session_data';
Set(\$rtname, 'it.example.net'); Set(\$Organization, 'it.example.net');
Set(\$CorrespondAddress, 'rt\@example.net'); Set(\$CommentAddress, 'rt-comment\@example.net'); Set(\$OwnerEmail, 'root\@example.net');
Set(\$RTAddressRegexp, qr/^rt(-comment)?\@example\.net\$/i);
Set(\$DatabaseType, 'SQLite'); Set(\$DatabaseName, '$DIR/rt.sqlite'); Set(\$DatabasePassword, '');
Set(\$WebDomain, '127.0.0.1'); Set(\$WebPort, $PORT); Set(\$WebPath, ''); Set(\$WebBaseURL, 'http://127.0.0.1:$PORT');
Set(\$MailCommand, 'mbox'); Set(\$NotifyActor, 0);
Set(\$LogToSTDERR, 'warning'); Set(\$LogToSyslog, undef); Set(\$Timezone, 'UTC');
Set(\$WebRemoteUserAuth, 0); Set(\$RestrictReferrer, 0);
1;
CONF
  if [ ! -f "$DIR/initialised" ]; then
    rm -f "$DIR/rt.sqlite"
    cat >"$DIR/setup.pl" <<'PERL'
use strict; use warnings; use lib '/usr/share/request-tracker5/lib'; use RT -init;
my $sys = RT->SystemUser; my $pw = 'secret-pass-1';
sub ok { my ($id, $msg) = @_; die "setup: $msg\n" unless $id; $id }
my $root = RT::User->new($sys); $root->Load('root'); ok($root->SetPassword($pw)) unless $root->IsPassword($pw);
my $on = RT::User->new($sys); ok($on->Create(Name => 'oncall', Password => $pw, EmailAddress => 'oncall@example.net', RealName => 'Olga Oncall', Privileged => 1));
my $di = RT::User->new($sys); ok($di->Create(Name => 'dirk', Password => $pw, EmailAddress => 'dirk@example.net', RealName => 'Dirk Helper', Privileged => 1));
my $je = RT::User->new($sys); ok($je->Create(Name => 'jenkins', Password => $pw, EmailAddress => 'jenkins@example.net', RealName => 'Jenkins Bot', Privileged => 1));
my $re = RT::User->new($sys); ok($re->Create(Name => 'reader', Password => $pw, EmailAddress => 'reader@example.net', RealName => 'Rita Reader', Privileged => 1));
my $ca = RT::User->new($sys); ok($ca->Create(Name => 'carol', Password => $pw, EmailAddress => 'carol@customer.example', RealName => 'Carol Customer', Privileged => 0));
my $q = RT::Queue->new($sys); ok($q->Create(Name => 'Support', CorrespondAddress => 'rt@example.net', CommentAddress => 'rt-comment@example.net'));
my $g = RT::Group->new($sys); ok($g->CreateUserDefinedGroup(Name => 'oncall-team')); ok($g->AddMember($_->PrincipalId)) for $on, $di, $je;
ok($g->PrincipalObj->GrantRight(Right => $_, Object => $q)) for qw(SeeQueue CreateTicket ShowTicket ShowTicketComments CommentOnTicket ReplyToTicket ModifyTicket OwnTicket TakeTicket StealTicket Watch ShowOutgoingEmail);
ok($g->PrincipalObj->GrantRight(Right => $_, Object => RT->System)) for qw(ModifySelf ManageAuthTokens ShowConfigTab);
ok($re->PrincipalObj->GrantRight(Right => $_, Object => $q)) for qw(SeeQueue ShowTicket);
ok($re->PrincipalObj->GrantRight(Right => 'ModifySelf', Object => RT->System));
my $ev = RT::Group->new($sys); $ev->LoadSystemInternalGroup('Everyone');
ok($ev->PrincipalObj->GrantRight(Right => $_, Object => $q)) for qw(CreateTicket ReplyToTicket);
my $req = RT::Group->new($sys); $req->LoadRoleGroup(Object => RT->System, Name => 'Requestor'); 
ok($req->PrincipalObj->GrantRight(Right => $_, Object => RT->System)) for qw(ShowTicket ReplyToTicket);
my $cf = RT::CustomField->new($sys); ok($cf->Create(Name => 'Customer', Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket', Queue => 0));
ok($g->PrincipalObj->GrantRight(Right => $_, Object => RT->System)) for qw(SeeCustomField ModifyCustomField);
open my $out, '>', $ENV{OUT} or die $!;
for my $u ($root, $on, $di, $je, $re, $ca) {
  my $t = RT::AuthToken->new($sys); my ($id, $msg, $auth) = $t->Create(Owner => $u->Id, Description => 'it'); ok($id, $msg);
  print $out "TOKEN_" . uc($u->Name) . "=$auth\n";
}
close $out; print "setup done\n"; exit 0;
PERL
    { rt-setup-database-5 --action init --skip-create || rt-setup-database-5 --action init; } >"$DIR/log/setup.log" 2>&1 || { tail -n 20 "$DIR/log/setup.log" >&2; die "database init failed"; }
    OUT="$DIR/tokens" perl "$DIR/setup.pl" >>"$DIR/log/setup.log" 2>&1 || { tail -n 20 "$DIR/log/setup.log" >&2; die "setup.pl failed"; }
    touch "$DIR/initialised"
  fi
  launch rt /usr/share/request-tracker5/libexec/rt-server --host 127.0.0.1 --port "$PORT" --max-workers 3
  { echo "URL=http://127.0.0.1:$PORT"; echo "MAIL=$DIR/mail"; cat "$DIR/tokens"; } >"$DIR/env"
  wait_for 90 rt curl -fsS --max-time 20 -u root:secret-pass-1 "http://127.0.0.1:$PORT/REST/2.0/rt"
}

do_stop() { halt rt TERM 15; }

main "$@"
