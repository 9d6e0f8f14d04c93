#!/usr/bin/env bash
# The shells whose completion is tried, what sets a man page, and what makes fresh systems; nothing here is started.
NAME=shells
. "$(dirname "$(readlink -f "$0")")/common.sh"

do_install() { apt_install zsh fish groff debootstrap mmdebstrap; }
do_start() { die "there is nothing to start"; }
do_stop() { :; }

main "$@"
