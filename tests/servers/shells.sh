#!/usr/bin/env bash
# The shells whose completion is tried, and what sets a man page; nothing here is started.
NAME=shells
. "$(dirname "$(readlink -f "$0")")/common.sh"

do_install() { apt_install zsh fish groff; }
do_start() { die "there is nothing to start"; }
do_stop() { :; }

main "$@"
