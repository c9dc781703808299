#!/bin/bash
# postgres_server.sh [NAME=VALUE]…: runs a PostgreSQL of its own, in a temporary folder and on a
# socket in it, with these settings, until standard input ends. Once it answers, its address is
# printed. Needs the package postgresql-15; does not touch the machine's own clusters.
set -eu
programs=/usr/lib/postgresql/15/bin
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
"${run[@]}" "$programs/initdb" -D "$folder/data" -A trust -U hubbub -E UTF8 --locale=C.UTF-8 \
  --no-sync >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
settings=()
for each in "$@"; do
  settings+=(-c "$each")
done
"${run[@]}" "$programs/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= \
  "${settings[@]}" </dev/null >"$folder/log" 2>&1 &
server=$!
until "${run[@]}" "$programs/pg_isready" -q -h "$folder" -U hubbub -d postgres; do
  kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
  sleep 0.05
done
echo "postgres:///postgres?host=$folder&user=hubbub"
cat >/dev/null
