# A PostgreSQL private to DIR, on a free port of loopback, without passwords; for the start scripts that need one.
#   pg_start DBNAME   sets PGHOST, PGPORT, PGUSER, PGDATABASE;   pg_stop
# It refuses to run as root. As root: the postgres user where DIR is reachable for it, else a user namespace in which we
# are not root (so a 0700 DIR works as well).
PGBIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)

free_port() { # a TCP port free on loopback right now
  local p i
  for ((i = 0; i < 200; i++)); do
    p=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null || { echo "$p"; return 0; }
  done
  die "no free port"
}
pg_as() {
  if [ "$(id -u)" != 0 ]; then "$@"
  elif [ "$(cat "$DIR/pg.mode")" = setpriv ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
  else unshare --user --map-user=1000 --map-group=1000 -- "$@"; fi
}
pg_launch() { # as pg_as, but in the background with a pid that `halt` knows
  if [ "$(id -u)" != 0 ]; then launch postgres "$@"
  elif [ "$(cat "$DIR/pg.mode")" = setpriv ]; then launch postgres setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
  else launch postgres unshare --user --map-user=1000 --map-group=1000 -- "$@"; fi
}
pg_start() {
  mkdir -p "$DIR/pg"; chmod 700 "$DIR/pg"
  if [ "$(id -u)" = 0 ] && [ ! -f "$DIR/pg.mode" ]; then
    if setpriv --reuid=postgres --regid=postgres --clear-groups test -x "$DIR" 2>/dev/null; then echo setpriv; else echo unshare; fi >"$DIR/pg.mode"
    if [ "$(cat "$DIR/pg.mode")" = setpriv ]; then chown postgres:postgres "$DIR/pg"; fi
  fi
  PGPORT=$(free_port)
  if [ ! -f "$DIR/pg/PG_VERSION" ]; then
    ( cd /; pg_as "$PGBIN/initdb" -D "$DIR/pg" -U it -A trust -E UTF8 --locale=C.UTF-8 --no-sync ) >"$DIR/log/initdb.log" 2>&1 \
      || { cat "$DIR/log/initdb.log" >&2; die "initdb failed"; }
  fi
  ( cd /; pg_launch "$PGBIN/postgres" -D "$DIR/pg" -p "$PGPORT" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
      -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 \
      -c shared_buffers=64MB -c max_connections=60 -c timezone=UTC )
  export PGHOST=127.0.0.1 PGPORT PGUSER=it PGDATABASE=postgres
  wait_for 30 postgres "$PGBIN/psql" -qAtc 'select 1'
  if [ "$("$PGBIN/psql" -qAtc "select 1 from pg_database where datname='$1'")" != 1 ]; then "$PGBIN/createdb" "$1"; fi
  export PGDATABASE=$1
}
pg_stop() { halt postgres INT 20; }
