#!/usr/bin/env bash
# Alerta 9.1 (PyPI: alerta-server) with a PostgreSQL of its own, on loopback; its API is under /api, as its web page expects.
# It lives in a venv in ${IT_VENVS:-~/.cache/oncall-it}/alerta (PYTHON picks the interpreter).
# API keys of admin@example.net and of the users oncall@example.net and dirk@example.net.
NAME=alerta
HERE="$(dirname "$(readlink -f "$0")")"
. "$HERE/common.sh"
. "$HERE/postgres.sh"
VENV="${IT_VENVS:-$HOME/.cache/oncall-it}/$NAME"
PACKAGES="alerta-server==9.1.0 psycopg2-binary gunicorn==23.0.0"

do_install() {
  apt_install postgresql curl
  if [ "$(cat "$VENV/.installed" 2>/dev/null)" = "$PACKAGES" ]; then return 0; fi
  "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null || apt_install python3 python3-venv
  mkdir -p "$(dirname "$VENV")"; rm -rf "$VENV"
  "${PYTHON:-python3}" -m venv "$VENV"
  "$VENV/bin/pip" -qq --disable-pip-version-check install $PACKAGES >&2
  echo "$PACKAGES" >"$VENV/.installed"
}

api() { local key=$1 path=$2; shift 2
  curl -fsS --max-time 20 -H "Authorization: Key $key" -H 'Content-Type: application/json' "http://127.0.0.1:$PORT/api$path" "$@"; }

add_user() { # add_user ADMIN_KEY NAME "Full Name"   prints KEY_NAME=...
  local mail="$2@example.net"
  api "$1" /user --data "{\"name\":\"$3\",\"email\":\"$mail\",\"password\":\"secret-pass-1\",\"roles\":[\"user\"],\"email_verified\":true}" >"$DIR/log/user-$2.json"
  api "$1" /key --data "{\"user\":\"$mail\",\"scopes\":[\"read\",\"write:alerts\"],\"text\":\"it\",\"expireTime\":\"2099-01-01T00:00:00.000Z\"}" >"$DIR/log/key-$2.json"
  echo "KEY_${2^^}=$(sed 's/.*"key": *"\([^"]*\)".*/\1/' "$DIR/log/key-$2.json" | head -n 1)"
}

do_start() {
  local i
  [ -x "$VENV/bin/alertad" ] || die "run install first ($VENV is missing)"
  pg_start alerta
  [ -f "$DIR/secret" ] || for i in 1 2; do od -An -tx1 -N20 /dev/urandom | tr -d ' \n'; echo; done >"$DIR/secret"
  cat >"$DIR/alertad.conf" <<CONF
DATABASE_URL = 'postgresql://it@127.0.0.1:$PGPORT/alerta'
BASE_URL = 'http://127.0.0.1:$PORT/api'
SECRET_KEY = '$(sed -n 1p "$DIR/secret")'
AUTH_REQUIRED = True
ADMIN_USERS = ['admin@example.net']
SIGNUP_ENABLED = True
LOG_LEVEL = 'WARNING'
ALLOWED_ENVIRONMENTS = ['Production', 'Development']
NOTIFICATION_BLACKOUT = True
CONF
  export ALERTA_SVR_CONF_FILE="$DIR/alertad.conf"
  cat >"$DIR/it_wsgi.py" <<'PY'
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from alerta import create_app
app = DispatcherMiddleware(NotFound(), {'/api': create_app()})
PY
  local admin; admin=$(sed -n 2p "$DIR/secret")
  if [ ! -f "$DIR/keys" ]; then
    { "$VENV/bin/alertad" user --name Admin --username admin@example.net --password secret-pass-1
      "$VENV/bin/alertad" key --username admin@example.net --key "$admin" --text it; } >"$DIR/log/setup.log" 2>&1 \
      || { tail -n 15 "$DIR/log/setup.log" >&2; die "admin setup failed"; }
  fi
  launch alerta "$VENV/bin/gunicorn" -w 2 -b "127.0.0.1:$PORT" --chdir "$DIR" it_wsgi:app
  wait_for 60 alerta curl -fsS --max-time 10 "http://127.0.0.1:$PORT/api/_"
  if [ ! -f "$DIR/keys" ]; then
    { echo "KEY_ADMIN=$admin"; add_user "$admin" oncall "Olga Oncall"; add_user "$admin" dirk "Dirk Helper"; } >"$DIR/keys.tmp"
    mv "$DIR/keys.tmp" "$DIR/keys"
  fi
  { echo "URL=http://127.0.0.1:$PORT"; cat "$DIR/keys"; } >"$DIR/env"
}

do_stop() { halt alerta TERM 15; pg_stop; }

main "$@"
