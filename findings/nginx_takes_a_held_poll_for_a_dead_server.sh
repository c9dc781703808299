#!/bin/bash
# Finding: one long poll that is held longer than nginx waits moves all clients of its server to another one.
#
# Package: nginx 1.22.1 of Debian 12, with servers of Node's standard library.
#
# One would guess: a poll that is not answered within `proxy_read_timeout` ends with 504, and the client polls again. The
# hash that keeps a session on its server goes on as before.
#
# What happens: by default a time-out is a failure of the server, and one failure is enough to take it for dead for ten
# seconds (here four, to save time). nginx sends the same poll to the other server, which does not know the session and
# answers 400, so that the client is told that its session is gone; and until the time is over all other clients of the
# first server, which is well, are sent to the other one too. `proxy_next_upstream off` prevents only the first half, and
# `max_fails=0` only the second.
set -u
folder=$(mktemp -d) || exit 2
nginx=
trap '[ -n "$nginx" ] && kill "$nginx" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder" || exit 2
version=$(dpkg-query -W -f '${Version}' nginx 2>/dev/null)
case $version in
  1.22.1-*) echo "nginx $version" ;;
  *) echo "this needs nginx 1.22.1 of Debian 12, found '${version:-none}'"; exit 2 ;;
esac

site() { # NAME FAILS NEXT
  echo "upstream $1 { hash \$arg_sid consistent; server unix:$folder/A $2 fail_timeout=4s; server unix:$folder/B $2; }
  server { listen unix:$folder/$1; location / { proxy_pass http://$1; proxy_read_timeout 1s; $3 } }"
}
{
  [ "$(id -u)" != 0 ] || echo "user root;"
  echo "daemon off; pid $folder/pid; events {}
  http {
    access_log off;"
  for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $folder/$kind;"; done
  site default "" ""
  site next_off "" "proxy_next_upstream off;"
  site fails_0 "max_fails=0" ""
  echo "}"
} >nginx.conf
/usr/sbin/nginx -e "$folder/error.log" -c "$folder/nginx.conf" >start.log 2>&1 &
nginx=$!
for _ in $(seq 50); do [ -S fails_0 ] && break; sleep 0.1; done

cat >try.mjs <<'JS'
import { createServer, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** Both servers hold a poll of their own session, and tell their name otherwise. */
for (const name of ['A', 'B']) {
  createServer((asked, answer) => {
    const url = new URL(asked.url, 'http://local');
    if (url.pathname !== '/poll') return answer.end(name);
    if (url.searchParams.get('server') === name) return; // held
    answer.statusCode = 400;
    answer.end();
  }).listen(name);
}
const get = (socketPath, path) =>
  new Promise((resolve) => {
    const asked = request({ socketPath, path }, async (answer) => {
      let body = '';
      for await (const part of answer) body += part;
      resolve([body, answer.statusCode]);
    });
    asked.end();
  });

const cases = {
  default: 'the poll: 400 | another client of A: at B, after 6 s at A',
  next_off: 'the poll: 504 | another client of A: at B, after 6 s at A',
  fails_0: 'the poll: 400 | another client of A: at A, after 6 s at A',
};
let changed = false;
for (const [site, expected] of Object.entries(cases)) {
  const ofA = []; // two sessions that the hash gives to A
  for (let sid = 0; ofA.length < 2; sid++) {
    if ((await get(site, `/?sid=${sid}`))[0] === 'A') ofA.push(sid);
  }
  const [, status] = await get(site, `/poll?sid=${ofA[0]}&server=A`);
  const [soon] = await get(site, `/?sid=${ofA[1]}`);
  await pause(6000);
  const [later] = await get(site, `/?sid=${ofA[1]}`);
  const seen = `the poll: ${status} | another client of A: at ${soon}, after 6 s at ${later}`;
  changed ||= seen !== expected;
  console.log(`${site.padEnd(8)} | ${seen}${seen === expected ? '' : `   (was: ${expected})`}`);
}
process.exit(changed ? 1 : 0);
JS
timeout 60 node try.mjs
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
