#!/bin/bash
# redis_server.sh [PORT [ARGUMENT]…]: runs a Redis of its own, without persistence, in a temporary
# folder, on this port or a free one, until standard input ends. Once it answers, its port and the
# number of its process are printed. Needs the packages redis-server and redis-tools; does not touch
# the machine's own.
set -eu
port=${1:-0}
shift || true
folder=$(mktemp -d /tmp/hubbub-redis-XXXXXX)
server=
# shellcheck disable=SC2317 # called by the trap
clean_up() {
  trap - EXIT
  if [[ $server ]]; then
    kill -CONT "$server" 2>/dev/null || true
    kill -KILL "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 1' INT TERM
# A free port may be taken by somebody else between the search and the start: then another is tried.
for attempt in 1 2 3 4 5; do
  tried=$port
  ((tried)) || tried=$(/usr/bin/python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
  redis-server --bind 127.0.0.1 --port "$tried" --save '' --appendonly no --dir "$folder" \
    --daemonize no "$@" </dev/null >"$folder/log" 2>&1 &
  server=$!
  until grep -qs 'Ready to accept connections' "$folder/log"; do
    kill -0 "$server" 2>/dev/null || break
    sleep 0.02
  done
  kill -0 "$server" 2>/dev/null && break
  ((port == 0 && attempt < 5)) || { cat "$folder/log" >&2; exit 1; }
done
echo "$tried $server"
cat >/dev/null
