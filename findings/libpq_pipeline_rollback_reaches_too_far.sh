#!/bin/bash
# Finding: in a libpq pipeline a ROLLBACK undoes what was done before its BEGIN, but never what was prepared after it.
#
# Packages: libpq-dev and postgresql-15 15 of Debian 12, with gcc.
#
# One would guess: BEGIN and ROLLBACK in a pipeline enclose a transaction. The INSERT before BEGIN, whose success was
# reported, stays, as it does without a pipeline; a statement prepared between the two is gone with the rest.
#
# What happens: all statements up to the next sync share one implicit transaction, and BEGIN only turns that into an
# explicit one: ROLLBACK takes the INSERT before it back as well, without a warning. A sync before BEGIN keeps it. A
# prepared statement belongs to the connection: it outlives the ROLLBACK, and preparing it again is an error. And
# `SET LOCAL` without BEGIN warns that it needs a transaction, but works until the sync.
set -u
folder=$(mktemp -d) || exit 2
bin=/usr/lib/postgresql/15/bin
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; } # initdb refuses root
trap 'as_postgres $bin/pg_ctl -D "$folder/server/data" -m immediate stop >/dev/null 2>&1; rm -rf "$folder"' EXIT
cd "$folder" || exit 2
for package in libpq-dev postgresql-15; do
  version=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)
  case $version in
    15.*) echo "$package $version" ;;
    *) echo "this needs $package 15 of Debian 12, found '${version:-none}'"; exit 2 ;;
  esac
done
chmod 711 "$folder"
mkdir server && { [ "$(id -u)" != 0 ] || chown postgres server; }
as_postgres $bin/initdb -D server/data -A trust -U postgres --no-sync >initdb.log 2>&1 || { cat initdb.log; exit 2; }
as_postgres $bin/pg_ctl -D server/data -l server/log -w \
  -o "-c listen_addresses='' -c unix_socket_directories='$folder/server' -c fsync=off" start >start.log 2>&1 ||
  { cat start.log; exit 2; }

cat >try.c <<'C'
#include <libpq-fe.h>
#include <stdio.h>
#include <string.h>

static char seen[1000];
static PGconn *connection;
static void add(const char *text) { snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s%s", *seen ? ", " : "", text); }
static void warned(void *data, const PGresult *result) {
  (void)data;
  add(PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED));
}
static void query(const char *text) { PQsendQueryParams(connection, text, 0, NULL, NULL, NULL, NULL, 0); }

/* Ends the pipeline with a sync, reads its results, and tells them: tags, values and errors. */
static int results(const char *what, const char *expected) {
  PQpipelineSync(connection);
  for (int end = 0; !end;) {
    PGresult *result = PQgetResult(connection);
    if (!result) continue; /* the end of one statement's results */
    switch (PQresultStatus(result)) {
    case PGRES_PIPELINE_SYNC: end = 1; break;
    case PGRES_TUPLES_OK: add(PQgetvalue(result, 0, 0)); break;
    case PGRES_COMMAND_OK: add(*PQcmdStatus(result) ? PQcmdStatus(result) : "PREPARE"); break;
    default: add(PQresultErrorField(result, PG_DIAG_SQLSTATE)); break;
    }
    PQclear(result);
  }
  const int same = !strcmp(seen, expected);
  printf("%-44s | %s%s\n", what, seen, same ? "" : "   (has changed)");
  *seen = 0;
  return !same;
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  connection = PQconnectdb(arguments[1]);
  if (PQstatus(connection) != CONNECTION_OK) return 2;
  PQsetNoticeReceiver(connection, warned, NULL);
  PQclear(PQexec(connection, "CREATE TABLE t (n int)"));
  if (!PQenterPipelineMode(connection)) return 2;
  int changed = 0;
  query("INSERT INTO t VALUES (1)"), query("BEGIN"), query("INSERT INTO t VALUES (2)"), query("ROLLBACK");
  changed += results("INSERT 1; BEGIN; INSERT 2; ROLLBACK", "INSERT 0 1, BEGIN, INSERT 0 1, ROLLBACK");
  query("SELECT coalesce(string_agg(n::text, ' '), 'empty') FROM t");
  changed += results("the table", "empty");
  query("INSERT INTO t VALUES (1)"), PQpipelineSync(connection);
  PQclear(PQgetResult(connection)), PQgetResult(connection), PQclear(PQgetResult(connection)); /* INSERT, its end, sync */
  query("BEGIN"), query("INSERT INTO t VALUES (2)"), query("ROLLBACK");
  changed += results("INSERT 1; sync; BEGIN; INSERT 2; ROLLBACK", "BEGIN, INSERT 0 1, ROLLBACK");
  query("SELECT coalesce(string_agg(n::text, ' '), 'empty') FROM t");
  changed += results("the table", "1");
  query("BEGIN"), PQsendPrepare(connection, "seven", "SELECT 7", 0, NULL), query("ROLLBACK");
  changed += results("BEGIN; prepare; ROLLBACK", "BEGIN, PREPARE, ROLLBACK");
  PQsendQueryPrepared(connection, "seven", 0, NULL, NULL, NULL, 0);
  changed += results("execute what was prepared", "7");
  PQsendPrepare(connection, "seven", "SELECT 7", 0, NULL);
  changed += results("prepare it again", "42P05");
  query("SET LOCAL work_mem = '1MB'"), query("SHOW work_mem");
  changed += results("SET LOCAL work_mem to 1MB; SHOW work_mem", "WARNING, SET, 1MB");
  query("SHOW work_mem");
  changed += results("SHOW work_mem", "4MB");
  PQfinish(connection);
  return changed != 0;
}
C
gcc -Wall -Wextra -I/usr/include/postgresql try.c -o try -lpq >compiler.log 2>&1 || { cat compiler.log; exit 2; }
timeout 30 ./try "host=$folder/server user=postgres dbname=postgres"
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
