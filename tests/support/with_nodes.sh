#!/bin/bash
# with_nodes.sh COUNT COMMAND…: runs an end-to-end test with so many servers behind an nginx wherever it
# starts one, on a PostgreSQL of its own.
set -eu
export HUBBUB_TEST_NODES=$1
shift
exec "$(dirname "$0")/with_postgres.sh" "$@"
