#!/usr/bin/env bash
# Nagios Core 4.4.6 (Debian: nagios4-core nagios4-cgi) behind lighttpd on loopback, basic authentication, passive checks.
# Users: oncall / secret (may command), viewer / secret (may only read), stranger / secret (sees nothing).
# msmtp-mta and php8.2-cgi only stand in for exim and apache2, which Debian would pull in.
# extra: lock DIR, unlock DIR: whether every comment has the account's name (lock_author_names); kill DIR: the daemon alone;
# rename-customer DIR: another configuration, read by the running daemon
NAME=nagios
. "$(dirname "$(readlink -f "$0")")/common.sh"

do_install() {
  if [ "$(id -u)" = 0 ]; then
    apt_install debconf
    printf 'nagios4-cgi nagios4/%s\n' 'adminpassword password secret' 'adminpassword-repeat password secret' 'httpd multiselect ' |
      debconf-set-selections
  fi
  apt_install msmtp-mta php8.2-cgi lighttpd nagios4-core nagios4-cgi curl
}

do_start() {
  local me grp; me=$(id -un 2>/dev/null || id -u); grp=$(id -gn 2>/dev/null || id -g)
  mkdir -p "$DIR"/{var/rw,var/archives,spool/checkresults,tmp,objects,www}
  : >"$DIR/resource.cfg"
  cat >"$DIR/nagios.cfg" <<CFG
log_file=$DIR/log/nagios-core.log
cfg_dir=$DIR/objects
object_cache_file=$DIR/var/objects.cache
precached_object_file=$DIR/var/objects.precache
resource_file=$DIR/resource.cfg
status_file=$DIR/var/status.dat
status_update_interval=1
nagios_user=$me
nagios_group=$grp
check_external_commands=1
command_file=$DIR/var/rw/nagios.cmd
lock_file=$DIR/run/nagios4.lock
temp_file=$DIR/tmp/nagios.tmp
temp_path=$DIR/tmp
check_result_path=$DIR/spool/checkresults
check_result_reaper_frequency=1
log_archive_path=$DIR/var/archives
query_socket=$DIR/var/rw/nagios.qh
state_retention_file=$DIR/var/retention.dat
retention_update_interval=1
retain_state_information=1
use_retained_program_state=1
use_retained_scheduling_info=1
use_syslog=0
event_broker_options=-1
check_for_updates=0
date_format=iso8601
cached_host_check_horizon=0
execute_service_checks=1
accept_passive_service_checks=1
accept_passive_host_checks=1
enable_notifications=1
illegal_object_name_chars=\`~!\$%^&*|'"<>?,()=
illegal_macro_output_chars=\`~\$&|'"<>
CFG
  # Each directive and each closing brace needs a line of its own.
  sed -e 's/^\(define [a-z]* {\) /\1\n /' -e 's/ }$/\n}/' >"$DIR/objects/all.cfg" <<'CFG'
define command { command_name noop
 command_line /bin/true }
define timeperiod { timeperiod_name 24x7
 alias always
 sunday 00:00-24:00
 monday 00:00-24:00
 tuesday 00:00-24:00
 wednesday 00:00-24:00
 thursday 00:00-24:00
 friday 00:00-24:00
 saturday 00:00-24:00 }
define contact { contact_name oncall
 alias Olga Oncall
 host_notification_period 24x7
 service_notification_period 24x7
 host_notification_options d,u,r
 service_notification_options w,u,c,r
 host_notification_commands noop
 service_notification_commands noop }
define host { name h
 register 0
 check_command noop
 active_checks_enabled 0
 passive_checks_enabled 1
 max_check_attempts 1
 check_period 24x7
 notification_period 24x7
 contacts oncall }
define service { name s
 register 0
 check_command noop
 active_checks_enabled 0
 passive_checks_enabled 1
 max_check_attempts 1
 check_interval 5
 retry_interval 1
 check_period 24x7
 notification_period 24x7
 contacts oncall }
define host { use h
 host_name db1.example.net
 address 192.0.2.11
 _CUSTOMER De Korenaar
 _Bakery Bäckerei }
define host { use h
 host_name web2.example.net
 address 192.0.2.12 }
define service { use s
 host_name db1.example.net
 service_description disk /var/lib/postgresql
 _SERVICE orders-api }
define service { use s
 host_name db1.example.net
 service_description postgres
 max_check_attempts 3 }
define service { use s
 host_name web2.example.net
 service_description http }
CFG
  [ -f "$DIR/cgi.cfg" ] || cat >"$DIR/cgi.cfg" <<CFG
main_config_file=$DIR/nagios.cfg
physical_html_path=/usr/share/nagios4/htdocs
url_html_path=/nagios4
use_pending_states=1
use_authentication=1
use_ssl_authentication=0
authorized_for_system_information=oncall,viewer
authorized_for_configuration_information=oncall,viewer
authorized_for_system_commands=oncall
authorized_for_all_services=oncall,viewer
authorized_for_all_hosts=oncall,viewer
authorized_for_all_service_commands=oncall
authorized_for_all_host_commands=oncall
authorized_for_read_only=viewer
escape_html_tags=1
lock_author_names=0
result_limit=100
CFG
  printf 'oncall:secret\nviewer:secret\nstranger:secret\n' >"$DIR/users"
  cat >"$DIR/lighttpd.conf" <<CONF
server.modules = ( "mod_setenv", "mod_auth", "mod_authn_file", "mod_alias", "mod_cgi" )
server.bind = "127.0.0.1"
server.port = $PORT
server.document-root = "$DIR/www"
server.errorlog = "$DIR/log/lighttpd-error.log"
server.upload-dirs = ( "$DIR/tmp" )
setenv.set-environment = ( "NAGIOS_CGI_CONFIG" => "$DIR/cgi.cfg", "TZ" => "Asia/Kolkata" )
auth.backend = "plain"
auth.backend.plain.userfile = "$DIR/users"
auth.require = ( "" => ( "method" => "basic", "realm" => "Nagios", "require" => "valid-user" ) )
alias.url = ( "/nagios/cgi-bin" => "/usr/lib/cgi-bin/nagios4" )
\$HTTP["url"] =~ "^/nagios/cgi-bin/" { cgi.assign = ( "" => "" ) }
CONF
  TZ=Asia/Kolkata launch nagios4 nagios4 "$DIR/nagios.cfg"
  launch lighttpd lighttpd -D -f "$DIR/lighttpd.conf"
  { echo "URL=http://127.0.0.1:$PORT/nagios/cgi-bin"; echo "COMMAND_FILE=$DIR/var/rw/nagios.cmd"; } >"$DIR/env"
  wait_for 30 nagios4 test -p "$DIR/var/rw/nagios.cmd"
  wait_for 30 lighttpd ready
}

ready() {
  curl -fsS --max-time 10 -u oncall:secret "http://127.0.0.1:$PORT/nagios/cgi-bin/statusjson.cgi?query=programstatus" |
    grep -q '"type_text": *"Success"'
}

rename_customer() { # from De Korenaar to Garage Smit or back; returns when the daemon has read it
  if grep -q 'De Korenaar' "$DIR/objects/all.cfg"; then set -- 'De Korenaar' 'Garage Smit'; else set -- 'Garage Smit' 'De Korenaar'; fi
  sed -i "s/$1/$2/" "$DIR/objects/all.cfg"
  kill -HUP "$(cut -d' ' -f1 "$DIR/run/nagios4.pid")"
  wait_for 30 nagios4 grep -q "$2" "$DIR/var/objects.cache"
}

do_stop() { halt lighttpd TERM 10; halt nagios4 TERM 20; rm -f "$DIR/run/nagios4.lock"; }

case "${1:-}" in
  lock) sed -i 's/^lock_author_names=.*/lock_author_names=1/' "$2/cgi.cfg"; exit ;;
  unlock) sed -i 's/^lock_author_names=.*/lock_author_names=0/' "$2/cgi.cfg"; exit ;;
  kill) DIR=$2; halt nagios4 KILL 5; exit ;;
  rename-customer) DIR=$2; rename_customer; exit ;;
esac
main "$@"
