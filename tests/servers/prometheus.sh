#!/usr/bin/env bash
# Prometheus 2.42 (Debian: prometheus) on loopback, which evaluates every second whatever rules stand in RULES and scrapes
# nothing; POST URL/-/reload makes it read them again.
NAME=prometheus
. "$(dirname "$(readlink -f "$0")")/common.sh"

do_install() { apt_install prometheus curl; }

do_start() {
  mkdir -p "$DIR/tsdb" "$DIR/rules"
  cat >"$DIR/prometheus.yml" <<YML
global: {scrape_interval: 1s, evaluation_interval: 1s, external_labels: {cluster: it}}
rule_files: ["$DIR/rules/*.yml"]
YML
  launch prometheus prometheus --config.file="$DIR/prometheus.yml" --storage.tsdb.path="$DIR/tsdb" \
    --web.listen-address="127.0.0.1:$PORT" --web.enable-lifecycle
  { echo "URL=http://127.0.0.1:$PORT"; echo "RULES=$DIR/rules"; } >"$DIR/env"
  wait_for 30 prometheus curl -fsS --max-time 10 "http://127.0.0.1:$PORT/-/ready"
}

do_stop() { halt prometheus; }

main "$@"
