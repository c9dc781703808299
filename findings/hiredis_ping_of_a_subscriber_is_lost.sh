#!/bin/bash
# Finding: hiredis never calls the callback of a PING on a connection that is subscribed, although Redis answers it.
#
# Package: libhiredis-dev 0.14.1 and redis-server 7.0 of Debian 12, with gcc.
#
# One would guess: Redis allows PING on a connection that is subscribed, so that its client can tell a silent channel
# from a dead connection, and redisAsyncCommand(…, "PING") calls back with the answer as it does without a subscription.
#
# What happens: the answer arrives, but hiredis takes whatever array comes to a subscribed connection for a message of a
# channel, finds none that has its name, and drops it. The callback is called when the connection is freed, without an
# answer and without an error. And whoever subscribes to a channel twice gets all of its messages by the second callback.
set -u
folder=$(mktemp -d) || exit 2
redis=
trap '[ -n "$redis" ] && kill "$redis" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder" || exit 2
for wanted in libhiredis-dev=0.14.1 redis-server=5:7.0.; do
  package=${wanted%%=*}
  version=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)
  case "$version" in
    "${wanted#*=}"*) echo "$package $version" ;;
    *) echo "this needs $package ${wanted#*=} of Debian 12, found '${version:-none}'"; exit 2 ;;
  esac
done
redis-server --port 0 --unixsocket "$folder/redis" --save '' --dir "$folder" >redis.log 2>&1 &
redis=$!
for _ in $(seq 50); do [ -S redis ] && break; sleep 0.1; done

cat >try.c <<'C'
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

static char seen[1000];
static int reads, writes;
static void add_read(void *data) { (void)data, reads = 1; }
static void del_read(void *data) { (void)data, reads = 0; }
static void add_write(void *data) { (void)data, writes = 1; }
static void del_write(void *data) { (void)data, writes = 0; }
static void clean_up(void *data) { (void)data, reads = writes = 0; }

/* Appends "what: the answer's words; " to `seen`. */
static void called(redisAsyncContext *context, void *answer, void *what) {
  const redisReply *reply = answer;
  char line[200] = "", *at = line;
  if (!reply) sprintf(line, " no answer, error %d", context->err);
  else if (reply->type != REDIS_REPLY_ARRAY) sprintf(line, " %s", reply->str);
  else
    for (size_t i = 0; i < reply->elements && reply->element[i]->str; ++i) at += sprintf(at, " %s", reply->element[i]->str);
  sprintf(seen + strlen(seen), "%s%s:%s", *seen ? "; " : "", (const char *)what, line);
}

/* Runs the connection until nothing has come for 300 ms, and tells what was called back. */
static int step(redisAsyncContext *context, const char *what, const char *expected) {
  struct pollfd wait = {context->c.fd, 0, 0};
  for (;;) {
    wait.events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
    if (poll(&wait, 1, 300) <= 0) break;
    if (wait.revents & POLLIN) redisAsyncHandleRead(context);
    if (wait.revents & POLLOUT) redisAsyncHandleWrite(context);
  }
  const int same = !strcmp(seen, expected);
  printf("%-26s | %s%s\n", what, *seen ? seen : "no callback", same ? "" : "   (has changed)");
  *seen = 0;
  return !same;
}

int main(int count, char **arguments) {
  if (count < 2) return 2;
  redisAsyncContext *context = redisAsyncConnectUnix(arguments[1]);
  redisContext *publisher = redisConnectUnix(arguments[1]);
  if (context->err || publisher->err) return 2;
  context->ev.data = context;
  context->ev.addRead = add_read, context->ev.delRead = del_read;
  context->ev.addWrite = add_write, context->ev.delWrite = del_write;
  context->ev.cleanup = clean_up;
  add_write(NULL);
  int changed = 0;
  redisAsyncCommand(context, called, "ping", "PING");
  changed += step(context, "PING", "ping: PONG");
  redisAsyncCommand(context, called, "one", "SUBSCRIBE news");
  changed += step(context, "SUBSCRIBE news", "one: subscribe news");
  redisAsyncCommand(context, called, "ping", "PING");
  changed += step(context, "PING", "");
  redisAsyncCommand(context, called, "two", "SUBSCRIBE news");
  changed += step(context, "SUBSCRIBE news", "two: subscribe news");
  freeReplyObject(redisCommand(publisher, "PUBLISH news hello"));
  changed += step(context, "PUBLISH news by another", "two: message news hello");
  redisFree(publisher);
  redisAsyncFree(context);
  const int same = strstr(seen, "ping: no answer, error 0") != NULL;
  printf("%-26s | %s%s\n", "the connection is freed", seen, same ? "" : "   (has changed)");
  return changed || !same;
}
C
gcc -Wall -Wextra try.c -o try -lhiredis >compiler.log 2>&1 || { cat compiler.log; exit 2; }
timeout 30 ./try "$folder/redis"
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
