#!/usr/bin/env bash
# What stands between the engineer and the screen: tmux, screen, and an sshd that listens on loopback with keys of its own;
# and what looks at it from below: strace, openssl.
NAME=lines
. "$(dirname "$(readlink -f "$0")")/common.sh"

do_install() { apt_install tmux screen openssh-server openssh-client strace openssl; }

do_start() { # an sshd of our own, with keys of its own
  mkdir -p /run/sshd
  for key in host me; do [ -e "$DIR/$key" ] || ssh-keygen -q -t ed25519 -N '' -f "$DIR/$key"; done
  cat >"$DIR/sshd_config" <<EOF
ListenAddress 127.0.0.1
Port $PORT
HostKey $DIR/host
AuthorizedKeysFile $DIR/me.pub
PidFile $DIR/pid
StrictModes no
UsePAM no
PasswordAuthentication no
EOF
  /usr/sbin/sshd -f "$DIR/sshd_config" -E "$DIR/log/sshd.log"
  for _ in $(seq 100); do [ -s "$DIR/pid" ] && break; sleep 0.1; done
  [ -s "$DIR/pid" ] || die "sshd did not start"
  printf 'URL=ssh://127.0.0.1:%s\nKEY=%s\n' "$PORT" "$DIR/me" >"$DIR/env"
}

do_stop() {
  if [ -s "$DIR/pid" ]; then kill "$(cat "$DIR/pid")" 2>/dev/null || :; fi
}

main "$@"
