#!/bin/bash
# postgres_server.sh [--standby-of FOLDER] [NAME=VALUE]…: runs a PostgreSQL of its own, in a temporary
# folder and on a socket in it, with these settings, until standard input ends: an empty one, or a hot
# standby of the one that this script runs in FOLDER. Once it answers, its address is printed. Each line
# of the standard input starts it again after it was killed, and is answered by the address. Needs the
# package postgresql-15; does not touch the machine's own clusters.
set -eu
programs=/usr/lib/postgresql/15/bin
primary=
if [[ ${1-} == --standby-of ]]; then
  primary=$2
  shift 2
fi
folder=$(mktemp -d /tmp/hubbub-postgres-XXXXXX)
run=()
if [[ $EUID -eq 0 ]]; then # which PostgreSQL refuses to be
  chown postgres "$folder"
  run=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi
chmod 755 "$folder"
server=
# shellcheck disable=SC2317 # called by the trap
clean_up() {
  trap - EXIT
  if [[ $server ]]; then
    kill -INT "$server" 2>/dev/null || true
    wait "$server" || true
  fi
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 1' INT TERM
cd "$folder"
create() {
  if [[ $primary ]]; then
    "${run[@]}" "$programs/pg_basebackup" -h "$primary" -U hubbub -D "$folder/data" --checkpoint=fast \
      --write-recovery-conf --no-sync
  else
    "${run[@]}" "$programs/initdb" -D "$folder/data" -A trust -U hubbub -E UTF8 --locale=C.UTF-8 \
      --no-sync
  fi
}
create >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
settings=()
for each in "$@"; do
  settings+=(-c "$each")
done
# Fails if the server ends before it answers: that of a killed one is still ending, for example.
start() {
  "${run[@]}" "$programs/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= \
    "${settings[@]}" </dev/null >>"$folder/log" 2>&1 &
  server=$!
  until "${run[@]}" "$programs/pg_isready" -q -h "$folder" -U hubbub -d postgres; do
    kill -0 "$server" 2>/dev/null || return 1
    sleep 0.05
  done
  echo "postgres:///postgres?host=$folder&user=hubbub"
}
start || { cat "$folder/log" >&2; exit 1; }
exec 3>&2 2>/dev/null # where bash tells what was killed
while read -r _; do
  wait "$server" || true
  for attempt in {1..100}; do
    start && break
    ((attempt < 100)) || { tail -n 20 "$folder/log" >&3; exit 1; }
    sleep 0.1
  done
done
