#!/usr/bin/env bash
# Icinga 2.13 (Debian: icinga2-bin) on loopback: the HTTPS API with its own certificate, hosts and services that are fed by
# passive check results. No database, no web pages.
# ApiUsers: oncall (only what an on-call client needs), root (everything), viewer (reads), blind (may read nothing), narrow
# (reads what its filter leaves, which is nothing); each one's password is NAME-secret.
NAME=icinga2
. "$(dirname "$(readlink -f "$0")")/common.sh"

do_install() { apt_install icinga2-bin curl; }

# As root the daemon drops to ICINGA2_USER; everything runs as the caller instead.
me() { id -un 2>/dev/null || id -u; }
i2() { ICINGA2_USER=$(me) ICINGA2_GROUP=$(id -gn 2>/dev/null || id -g) ICINGA2_ERROR_LOG="$DIR/log/error.log" HOME="$DIR" icinga2 "$@"; }
defs() { printf '%s\n' -D "ConfigDir=$DIR/etc" -D "DataDir=$DIR/var" -D "LogDir=$DIR/log" \
  -D "CacheDir=$DIR/cache" -D "SpoolDir=$DIR/spool" -D "InitRunDir=$DIR/run/icinga2" -D "PidPath=$DIR/run/icinga2/icinga2.pid"; }

certify() {
  local c="$DIR/var/certs"
  i2 pki new-ca "$@"
  i2 pki new-cert --cn localhost --key "$c/localhost.key" --csr "$c/localhost.csr" "$@"
  i2 pki sign-csr --csr "$c/localhost.csr" --cert "$c/localhost.crt" "$@"
  cp "$DIR/var/ca/ca.crt" "$c/ca.crt"
}

do_start() {
  local d
  mkdir -p "$DIR"/etc "$DIR"/var/{api/log,api/zones,api/zones-stage,api/packages,certs,ca} \
    "$DIR"/{cache,spool/perfdata,spool/tmp,run/icinga2/cmd}
  mapfile -t d < <(defs)
  if [ ! -f "$DIR/var/certs/localhost.crt" ]; then
    certify "${d[@]}" >"$DIR/log/pki.log" 2>&1 || { cat "$DIR/log/pki.log" >&2; die "no certificate"; }
  fi
  cat >"$DIR/etc/icinga2.conf" <<CONF
const NodeName = "localhost"
const ZoneName = NodeName
const TicketSalt = ""
const PluginDir = "/usr/lib/nagios/plugins"
include <itl>
object Endpoint NodeName { host = NodeName }
object Zone ZoneName { endpoints = [ NodeName ] }
object CheckerComponent "checker" { }
object NotificationComponent "notification" { }
object FileLogger "main-log" { severity = "information"; path = LogDir + "/icinga2.log" }
object ApiListener "api" { bind_host = "127.0.0.1"; bind_port = $PORT }
object ApiUser "root" { password = "root-secret"; permissions = [ "*" ] }
object ApiUser "oncall" {
  password = "oncall-secret"
  permissions = [ "objects/query/*", "status/query", "actions/acknowledge-problem", "actions/remove-acknowledgement",
    "actions/add-comment", "actions/schedule-downtime", "actions/remove-downtime" ]
}
object ApiUser "viewer" { password = "viewer-secret"; permissions = [ "objects/query/*" ] }
object ApiUser "blind" { password = "blind-secret"; permissions = [ "status/query" ] }
object ApiUser "narrow" {
  password = "narrow-secret"
  permissions = [ { permission = "objects/query/*"; filter = {{ host.vars.customer == "Nobody" }} } ]
}
template Host "passive-host" { check_command = "dummy"; enable_active_checks = false; max_check_attempts = 1 }
template Service "passive-service" { check_command = "dummy"; enable_active_checks = false; max_check_attempts = 1 }
object Host "db1.example.net" { import "passive-host"; vars.os = "Linux"; vars.customer = "De Korenaar"; vars.cores = 8 }
object Host "web2.example.net" { import "passive-host"; display_name = "web2 (café)" }
object Service "disk /var/lib/postgresql" { import "passive-service"; host_name = "db1.example.net"; vars.service = "orders-api" }
object Service "postgres" { import "passive-service"; host_name = "db1.example.net"; max_check_attempts = 3 }
object Service "http" { import "passive-service"; host_name = "web2.example.net"; vars.severity = "gold" }
object Service "never checked" { import "passive-service"; host_name = "web2.example.net" }
CONF
  launch icinga2 env ICINGA2_USER="$(me)" ICINGA2_GROUP="$(id -gn 2>/dev/null || id -g)" HOME="$DIR" \
    icinga2 daemon -c "$DIR/etc/icinga2.conf" "${d[@]}"
  { echo "URL=https://localhost:$PORT"; echo "CA_FILE=$DIR/var/ca/ca.crt"; } >"$DIR/env"
  wait_for 60 icinga2 curl -fsS --max-time 10 -4 --cacert "$DIR/var/ca/ca.crt" -u root:root-secret \
    -H 'Accept: application/json' "https://localhost:$PORT/v1/status/IcingaApplication"
}

do_stop() { halt icinga2 TERM 20; }

main "$@"
