#!/bin/bash
# Finding: in systemd's time spans "2h30" is two hours and thirty seconds, and "5s500" more than eight minutes.
#
# Package: systemd 252 of Debian 12.
#
# One would guess: a number without a unit at the end of a time span continues the unit before it, as people write it:
# 2h30 is two hours and a half. Or else it is refused.
#
# What happens: a number without a unit is seconds, wherever it stands, so that only "1min30" means what it seems to. A
# `RuntimeMaxSec=2h30` ends the service half an hour early, and nothing warns.
set -u
version=$(dpkg-query -W -f '${Version}' systemd 2>/dev/null)
case $version in
  252.*) echo "systemd $version" ;;
  *) echo "this needs systemd 252 of Debian 12, found '${version:-none}'"; exit 2 ;;
esac

changed=0
check() { # SPAN MEANING
  seen=$(systemd-analyze timespan "$1" 2>&1 | sed -n 's/^ *Human: *//p')
  printf '%-8s | %s\n' "$1" "$seen"
  [ "$seen" = "$2" ] || changed=1
}
check 2h30min "2h 30min"
check 2h30 "2h 30s"
check 1d12 "1d 12s"
check 1min30 "1min 30s"
check 5s500 "8min 25s"
[ $changed -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $changed
