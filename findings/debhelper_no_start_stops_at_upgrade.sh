#!/bin/bash
# Finding: `dh_installsystemd --no-start` has an upgrade stop a unit, has nothing start it again, and leaves it running
# when the package is removed.
#
# Package: debhelper 13 of Debian 12, in compatibility level 13.
#
# One would guess: with `--no-start` the package's scripts do not start the unit, and otherwise do what they do without
# the option: the unit that an administrator has started goes on during an upgrade, and is stopped when the package is
# removed.
#
# What happens: without the option, the unit is stopped at removal only. With it, the unit is stopped at each upgrade
# only, so a socket that an administrator has enabled refuses connections from the upgrade to the next start of the
# system, and survives the removal of its service. With `--no-stop-on-upgrade` as well it is stopped at neither.
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
version=$(dpkg-query -W -f '${Version}' debhelper 2>/dev/null)
case $version in
  13.11.*) echo "debhelper $version" ;;
  *) echo "this needs debhelper 13.11 of Debian 12, found '${version:-none}'"; exit 2 ;;
esac

mkdir debian
cat >debian/control <<'END'
Source: finding
Section: misc
Priority: optional
Maintainer: Nobody <nobody@example.org>
Build-Depends: debhelper-compat (= 13)

Package: finding
Architecture: all
Description: a package with a socket unit
END
printf '%s\n' 'finding (1) unstable; urgency=low' '' '  * First.' '' \
  ' -- Nobody <nobody@example.org>  Thu, 01 Jan 2026 00:00:00 +0000' >debian/changelog
printf '[Socket]\nListenStream=127.0.0.1:7\n[Install]\nWantedBy=sockets.target\n' >debian/finding.socket
printf '[Service]\nExecStart=/bin/true\n' >debian/finding.service

changed=0
check() { # EXPECTED, OPTION…
  local expected=$1 made=debian/.debhelper/generated/finding stopped started
  shift
  rm -rf debian/.debhelper debian/finding
  dh_installsystemd "$@" finding.socket || exit 2
  # The condition that stands before each call of the scripts.
  stopped=$(cat "$made"/pre*.service 2>/dev/null | grep -B1 'invoke stop' |
    sed -nE 's/.*"\$1" = (remove|upgrade).*/\1/p')
  started=$(cat "$made/postinst.service" | grep -cE 'invoke (\$_dh_action|start|restart)')
  printf '%-32s | stopped at: %-8s | (re)started by the postinst: %s\n' "${*:-without an option}" "${stopped:-nothing}" \
    "$([ "$started" -gt 0 ] && echo yes || echo no)"
  [ "${stopped:-nothing} $started" = "$expected" ] || changed=1
}
check "remove 1"
check "upgrade 0" --no-start
check "nothing 0" --no-start --no-stop-on-upgrade
[ $changed -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $changed
