#!/usr/bin/env bash
# Redmine 5.0.4 (Debian: redmine redmine-sqlite puma) on loopback, SQLite, REST API on.
# The application tree is copied to DIR/app, so DIR holds everything.
# Project "support" with oncall (Manager: may write private notes), dirk (Helper: reads them, but what he marks private is
# stored public), carol (Reporter: the customer), the group "Night Team" and the bot jenkins; admin is a member of nothing.
# Issues have a custom field "Customer".
NAME=redmine
. "$(dirname "$(readlink -f "$0")")/common.sh"

do_install() {
  # The ruby3.1 security update carries a newer, unpatched bundler that cannot see
  # Debian's gems ("Could not find racc-1.6.2.gem for installation"): pin ruby-bundler's.
  local v
  v=$(dpkg-query -W -f='${Version}' ruby-bundler 2>/dev/null || apt-cache policy ruby-bundler | sed -n 's/^ *Candidate: //p')
  export BUNDLER_VERSION="${v%%-*}"
  [ "$(id -u)" != 0 ] || { apt_install debconf; echo "redmine redmine/instances/default/dbconfig-install boolean false" | debconf-set-selections; }
  apt_install redmine redmine-sqlite puma curl
}

env_ruby() {
  local v; v=$(dpkg-query -W -f='${Version}' ruby-bundler); export BUNDLER_VERSION="${v%%-*}"
  export RAILS_ENV=production REDMINE_INSTANCE=default REDMINE_LANG=en SCHEMA=/dev/null BUNDLE_GEMFILE="$DIR/app/Gemfile"
  export HOME="$DIR" RUBYOPT=-W0
}

do_start() {
  local i="$DIR/app/instances/default" key_admin key_oncall key_carol
  if [ ! -d "$DIR/app" ]; then
    cp -a --no-preserve=ownership /usr/share/redmine "$DIR/app"
    rm -f "$DIR/app/instances" "$DIR/app/Gemfile.lock" "$DIR/app/config/database.yml"
    mkdir -p "$i"/{config,files,log,tmp,public/plugin_assets} "$DIR/app"/{log,tmp,plugins}
    sed -i "s#/usr/share/redmine/#$DIR/app/#" "$DIR/app/Gemfile"
    echo "gem 'puma'" >"$DIR/app/Gemfile.local"
    printf 'production:\n  adapter: sqlite3\n  database: %s\n  timeout: 10000\n' "$DIR/redmine.sqlite3" >"$i/config/database.yml"
    cp "$i/config/database.yml" "$DIR/app/config/database.yml"
    od -An -tx1 -N32 /dev/urandom | tr -d ' \n' >"$i/config/secret_key.txt"
  fi
  env_ruby; cd "$DIR/app"
  if [ ! -f "$DIR/initialised" ]; then
    { bundle install --local --quiet && bundle exec rake db:migrate; } >"$DIR/log/setup.log" 2>&1 \
      || { tail -n 20 "$DIR/log/setup.log" >&2; die "database setup failed"; }
    cat >"$DIR/setup.rb" <<'RUBY'
Redmine::DefaultData::Loader.load("en") if Redmine::DefaultData::Loader.no_data?
Setting.rest_api_enabled = '1'
Setting.default_language = 'en'
Setting.login_required = '0'
Setting.host_name = "127.0.0.1:#{ENV['PORT']}"
Setting.password_max_age = '0'
ActionMailer::Base.perform_deliveries = false
def mk(login, first, last, mail, admin = false)
  u = User.find_by_login(login) || User.new
  u.login = login; u.firstname = first; u.lastname = last; u.mail = mail; u.admin = admin
  u.language = 'en'; u.mail_notification = 'none'
  u.password = u.password_confirmation = 'secret-pass-1'; u.must_change_passwd = false; u.status = 1
  u.save!; u
end
admin  = mk('admin',  'Redmine', 'Admin', 'admin@example.net', true)
oncall = mk('oncall', 'Olga', 'Oncall', 'oncall@example.net')
carol  = mk('carol',  'Carol', 'Customer', 'carol@customer.example')
pr = Project.new(:name => 'Support', :identifier => 'support', :is_public => false)
pr.enabled_module_names = %w(issue_tracking); pr.trackers = Tracker.all.to_a; pr.save!
Role.find_by_name('Manager').add_permission!(:set_notes_private, :view_private_notes)
rep = Role.find_by_name('Reporter'); rep.add_permission!(:view_issues, :add_issues, :add_issue_notes)
Member.create!(:project => pr, :user => oncall, :roles => [Role.find_by_name('Manager')])
Member.create!(:project => pr, :user => carol,  :roles => [rep])
dirk    = mk('dirk', 'Dirk', 'Helper', 'dirk@example.net')
jenkins = mk('jenkins', 'Jenkins', 'Bot', 'jenkins@example.net')
helper = Role.find_by_name('Developer'); helper.name = 'Helper'; helper.assignable = true
helper.permissions = [:view_issues, :edit_issues, :add_issue_notes, :edit_own_issue_notes, :view_private_notes]; helper.save!
night = Group.create!(:lastname => 'Night Team')
[dirk, jenkins, night].each { |who| Member.create!(:project => pr, :principal => who, :roles => [helper]) }
Setting.issue_group_assignment = '1'
IssueCustomField.create!(:name => 'Customer', :field_format => 'string', :is_for_all => true, :trackers => Tracker.all.to_a)
File.write(ENV['OUT'], [admin, oncall, dirk, jenkins, carol].map { |u| "KEY_#{u.login.upcase}=#{u.api_key}\n" }.join)
RUBY
    PORT=$PORT OUT="$DIR/keys" bundle exec rails runner "$DIR/setup.rb" >>"$DIR/log/setup.log" 2>&1 \
      || { tail -n 20 "$DIR/log/setup.log" >&2; die "setup.rb failed"; }
    touch "$DIR/initialised"
  fi
  launch puma bundle exec puma -e production -b "tcp://127.0.0.1:$PORT" -t 2:4 config.ru
  { echo "URL=http://127.0.0.1:$PORT"; cat "$DIR/keys"; } >"$DIR/env"
  wait_for 90 puma curl -fsS -o /dev/null --max-time 20 "http://127.0.0.1:$PORT/users/current.json" \
    -H "X-Redmine-API-Key: $(sed -n 's/^KEY_ONCALL=//p' "$DIR/keys")"
}

do_stop() { halt puma TERM 20; }

main "$@"
