#!/usr/bin/env bash
# A real keyring of a desktop (GNOME's, by the Secret Service) on a host without one, and the bus that it is spoken to over.
# Each test starts its own, which ends with its bus.
NAME=keyring
. "$(dirname "$(readlink -f "$0")")/common.sh"

do_install() { apt_install gnome-keyring dbus; }
do_start() { die "there is nothing to start"; }
do_stop() { :; }

main "$@"
