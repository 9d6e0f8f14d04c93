#!/usr/bin/env bash
# Roundup 2.6.0 (PyPI: roundup) with the classic tracker on loopback, SQLite, REST API; mail goes to DIR/mail.txt.
# It lives in a venv in ${IT_VENVS:-~/.cache/oncall-it}/roundup (PYTHON picks the interpreter).
# Users: admin, oncall and dirk (ours), jenkins (a bot), carol (the customer), kees (who may only look); everybody's password
# is secret-pass-1.
NAME=roundup
. "$(dirname "$(readlink -f "$0")")/common.sh"

VENV="${IT_VENVS:-$HOME/.cache/oncall-it}/$NAME"
pip_install() { # pip_install SPEC... into VENV, unless that very set is already there
  if [ "$(cat "$VENV/.installed" 2>/dev/null)" = "$*" ]; then return 0; fi
  "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null || apt_install python3 python3-venv
  mkdir -p "$(dirname "$VENV")"; rm -rf "$VENV"
  "${PYTHON:-python3}" -m venv "$VENV"
  "$VENV/bin/pip" -qq --disable-pip-version-check install "$@" >&2
  echo "$*" >"$VENV/.installed"
}

do_install() { apt_install curl; pip_install roundup==2.6.0; }

do_start() {
  [ -x "$VENV/bin/roundup-server" ] || die "run install first ($VENV is missing)"
  local base="http://127.0.0.1:$PORT/support/"
  if [ ! -f "$DIR/initialised" ]; then
    rm -rf "$DIR/tracker"
    { "$VENV/bin/roundup-admin" -i "$DIR/tracker" install classic sqlite "tracker_web=$base,mail_domain=example.net,mail_host=localhost,mail_debug=$DIR/mail.txt,web_api_calls_per_interval=0"
      cat >>"$DIR/tracker/schema.py" <<'PYTHON'

db.security.addRole(name="Reader", description="may only look")
for permission in ("Web Access", "Rest Access"):
    db.security.addPermissionToRole("Reader", permission)
for name in ("issue", "file", "msg", "keyword", "priority", "status", "user"):
    db.security.addPermissionToRole("Reader", "View", name)
PYTHON
      printf 'y\n' | "$VENV/bin/roundup-admin" -i "$DIR/tracker" initialise secret-pass-1
      "$VENV/bin/roundup-admin" -i "$DIR/tracker" create user username=oncall password=secret-pass-1 address=oncall@example.net "realname=Olga Oncall" roles=User
      "$VENV/bin/roundup-admin" -i "$DIR/tracker" create user username=carol password=secret-pass-1 address=carol@customer.example "realname=Carol Customer" "organisation=Bakkerij De Korenaar" roles=User
      "$VENV/bin/roundup-admin" -i "$DIR/tracker" create user username=dirk password=secret-pass-1 address=dirk@example.net "realname=Dirk Helper" roles=User
      "$VENV/bin/roundup-admin" -i "$DIR/tracker" create user username=jenkins password=secret-pass-1 address=jenkins@example.net "realname=Jenkins Bot" roles=User
      "$VENV/bin/roundup-admin" -i "$DIR/tracker" create user username=kees password=secret-pass-1 address=kees@example.net "realname=Kees Kijker" roles=Reader
    } >"$DIR/log/setup.log" 2>&1 || { tail -n 20 "$DIR/log/setup.log" >&2; die "tracker setup failed"; }
    touch "$DIR/initialised"
  fi
  sed -i "s#^web = .*#web = $base#" "$DIR/tracker/config.ini"
  local as=()   # as root it wants to be told which user to become: stay root
  [ "$(id -u)" != 0 ] || as=(-u root)
  launch roundup "$VENV/bin/roundup-server" -n 127.0.0.1 -p "$PORT" -t thread "${as[@]}" "support=$DIR/tracker"
  { echo "URL=${base%/}"; echo "MAIL=$DIR/mail.txt"; } >"$DIR/env"
  wait_for 30 roundup curl -fsS --max-time 20 -u admin:secret-pass-1 "${base}rest/"
}

do_stop() { halt roundup TERM 10; }

main "$@"
