#!/usr/bin/env bash
# Installs every server that the tests here start, from nothing; does nothing where all are there.
set -euo pipefail
cd "$(dirname "$0")"
if [ "$(id -u)" = 0 ] && ! command -v prometheus-alertmanager >/dev/null; then apt-get -q update >&2; fi
for server in alertmanager redmine; do ./$server.sh install; done
for server in icinga2 nagios; do ./$server.sh install; done
for server in zabbix alerta prometheus; do ./$server.sh install; done
for server in rt roundup; do ./$server.sh install; done
for tools in shells lines keyring; do ./$tools.sh install; done
