#!/bin/bash
# Finding: `systemd-analyze verify` succeeds for a unit whose limits and protections systemd is going to ignore.
#
# Package: systemd 252 of Debian 12.
#
# One would guess: `systemd-analyze verify` in a package's checks fails if the unit has a setting that systemd cannot
# use. It does fail if the program is missing.
#
# What happens: it prints a line that a misspelt setting, "100MB" (only "100M" is a size) or a list with commas is ignored,
# and exits with 0, although the service would have no limit of memory, or every address family. With
# `--recursive-errors=no`, which by its name asks for less, the exit status is 1; only the manual's paragraph on that
# option says so.
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
version=$(dpkg-query -W -f '${Version}' systemd 2>/dev/null)
case $version in
  252.*) echo "systemd $version" ;;
  *) echo "this needs systemd 252 of Debian 12, found '${version:-none}'"; exit 2 ;;
esac

changed=0
check() { # LINE, the EXIT STATUS by default and with --recursive-errors=no
  printf '[Service]\nExecStart=/bin/true\n%s\n' "$1" >finding.service
  systemd-analyze verify --man=no ./finding.service >said 2>&1
  by_default=$?
  systemd-analyze verify --man=no --recursive-errors=no ./finding.service >/dev/null 2>&1
  strict=$?
  printf '%-46s | exits with %s, with --recursive-errors=no %s | %s\n' "$1" $by_default $strict \
    "$(sed -n 's/^.*finding.service: *//;s/^[0-9]*: *//p' said | head -1)"
  [ "$by_default $strict" = "$2 $3" ] || changed=1
}
check "MemoryMax=100M" 0 0
check "MemoryMax=100MB" 0 1
check "RestrictAddressFamilies=AF_INET AF_INET6" 0 0
check "RestrictAddressFamilies=AF_INET,AF_INET6" 0 1
check "ProtectSystem=strickt" 0 1
check "NoNewPrivilege=yes" 0 1
check "ExecStartPre=/usr/bin/no-such-program" 1 1
[ $changed -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $changed
