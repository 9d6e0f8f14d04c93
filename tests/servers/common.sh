# What the start scripts share; each sources it, defines do_install, do_start, do_stop and calls main "$@".
#   NAME.sh install | start DIR PORT | stop DIR
# `start` prints KEY=VALUE lines (also in DIR/env, values not quoted), everything else goes to stderr; on an existing DIR
# it starts again with the old data. `stop` signals only processes that `start` recorded.
set -euo pipefail
export LC_ALL=C.UTF-8
DIR=""; PORT=""
die() { echo "$NAME: $*" >&2; exit 1; }

# --- packages: idempotent, no service starts, no Recommends ------------------
apt_install() {
  local p need=() made=0 rc=0
  for p in "$@"; do
    dpkg-query -W -f='${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || need+=("$p")
  done
  [ ${#need[@]} -eq 0 ] && return 0
  [ "$(id -u)" = 0 ] || die "install needs root (missing: ${need[*]})"
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; made=1
  fi
  DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    install -y --no-install-recommends "${need[@]}" </dev/null >&2 || rc=$?
  [ $made = 0 ] || rm -f /usr/sbin/policy-rc.d
  return $rc
}

# --- processes: only ever signal a pid we started (pid + kernel start time) ---
starttime() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
launch() { # launch TAG cmd...  (own session, log in DIR/log, pid in DIR/run)
  local tag=$1; shift
  setsid "$@" >>"$DIR/log/$tag.log" 2>&1 </dev/null &
  local pid=$!; sleep 0.1
  echo "$pid $(starttime "$pid")" >"$DIR/run/$tag.pid"
}
alive() { # alive TAG
  local pid st; [ -s "$DIR/run/$1.pid" ] || return 1
  read -r pid st <"$DIR/run/$1.pid" || true
  [ -n "${st:-}" ] && [ "$(starttime "$pid")" = "$st" ]
}
halt() { # halt TAG [SIGNAL] [SECONDS]: signal, wait, then SIGKILL what is left of the session launch() made
  local tag=$1 sig=${2:-TERM} secs=${3:-20} pid st i
  [ -s "$DIR/run/$tag.pid" ] || return 0
  read -r pid st <"$DIR/run/$tag.pid" || true
  if alive "$tag"; then
    kill -"$sig" "$pid" 2>/dev/null || true
    for ((i = 0; i < secs * 10; i++)); do alive "$tag" || break; sleep 0.1; done
    if alive "$tag"; then kill -KILL "$pid" 2>/dev/null || true; sleep 0.2; fi
  fi
  # orphaned workers: same session id, which no other process can have while they live
  if [ ! -e "/proc/$pid" ]; then for i in $(pgrep -s "$pid" 2>/dev/null); do kill -KILL "$i" 2>/dev/null || true; done; fi
  rm -f "$DIR/run/$tag.pid"
}
wait_for() { # wait_for SECONDS TAG cmd...: until cmd succeeds; gives up when TAG's process dies
  local secs=$1 tag=$2 i; shift 2
  for ((i = 0; i < secs * 5; i++)); do
    "$@" >/dev/null 2>&1 && return 0
    alive "$tag" || { tail -n 30 "$DIR/log/$tag.log" >&2; die "$tag exited during start"; }
    sleep 0.2
  done
  tail -n 30 "$DIR/log/$tag.log" >&2; die "$tag not ready after ${secs}s"
}
prep_dir() { # prep_dir DIR PORT
  DIR=$1 PORT=$2
  mkdir -p "$DIR"; DIR=$(readlink -f "$DIR"); mkdir -p "$DIR/log" "$DIR/run"
  if (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; then die "port $PORT is already in use"; fi
}
main() {
  case "${1:-}" in
    install) do_install ;;
    start) [ $# = 3 ] || die "usage: start DIR PORT"; prep_dir "$2" "$3"
      trap 'rc=$?; [ $rc = 0 ] || { trap - EXIT; do_stop || true; exit $rc; }' EXIT  # no half-started leftovers
      do_start; cat "$DIR/env" ;;
    stop) [ $# = 2 ] || die "usage: stop DIR"; [ -d "$2" ] || exit 0; DIR=$(readlink -f "$2"); do_stop ;;
    *) echo "usage: $(basename "$0") install | start DIR PORT | stop DIR" >&2; exit 2 ;;
  esac
}

