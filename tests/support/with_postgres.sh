#!/bin/bash
# with_postgres.sh COMMAND…: runs it with a PostgreSQL of its own, which HUBBUB_TEST_POSTGRES names.
set -eu
coproc server { "$(dirname "$0")/postgres_server.sh" fsync=off max_connections=200; }
read -r HUBBUB_TEST_POSTGRES <&"${server[0]}"
export HUBBUB_TEST_POSTGRES
result=0
"$@" || result=$?
exec {server[1]}>&-
wait
exit $result
