#!/usr/bin/env bash
# Prometheus Alertmanager (Debian: prometheus-alertmanager 0.25) on loopback. Its one receiver is a
# webhook nobody listens on, so notifications go nowhere.
# Optional: BASIC_AUTH=1 start ...   protects it with user oncall / secret.
#           PREFIX=/path start ...   serves everything below that path.
#           RESOLVE_TIMEOUT=5s start ...   how long an alert lasts that nobody repeats.
NAME=alertmanager
. "$(dirname "$(readlink -f "$0")")/common.sh"

do_install() { apt_install prometheus-alertmanager curl; }

am() { curl -fsS --max-time 10 ${AM_USER:+-u "$AM_USER:$AM_PASSWORD"} -H 'Content-Type: application/json' "$@"; }

do_start() {
  mkdir -p "$DIR/data"
  cat >"$DIR/alertmanager.yml" <<YML
global:
  resolve_timeout: ${RESOLVE_TIMEOUT:-5m}
route:
  receiver: team-ops
  group_by: [alertname]
  group_wait: 1s
  group_interval: 5s
  repeat_interval: 1h
receivers:
  - name: team-ops
    webhook_configs: [{url: 'http://127.0.0.1:9/hook', send_resolved: true}]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [alertname, instance]
YML
  local user= password= webcfg=()
  if [ "${BASIC_AUTH:-0}" = 1 ]; then
    user=oncall password=secret   # bcrypt of "secret"
    printf "basic_auth_users:\n  oncall: '%s'\n" "$(perl -e 'print crypt("secret", q($2b$04$abcdefghijklmnopqrstuu))')" >"$DIR/web.yml"
    webcfg=(--web.config.file="$DIR/web.yml")
  fi
  launch alertmanager prometheus-alertmanager --config.file="$DIR/alertmanager.yml" \
    --storage.path="$DIR/data" --web.listen-address="127.0.0.1:$PORT" \
    --web.route-prefix="${PREFIX:-/}" --cluster.listen-address= "${webcfg[@]}"
  { echo "URL=http://127.0.0.1:$PORT"; echo "API=http://127.0.0.1:$PORT/api/v2"
    echo "AM_USER=$user"; echo "AM_PASSWORD=$password"; } >"$DIR/env"
  AM_USER=$user AM_PASSWORD=$password wait_for 30 alertmanager am "http://127.0.0.1:$PORT${PREFIX:-}/-/ready"
}

do_stop() { halt alertmanager; }

main "$@"
