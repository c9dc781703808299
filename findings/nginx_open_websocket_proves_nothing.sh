#!/bin/bash
# Finding: a server that nginx has marked as failed stays so while the WebSockets that it accepts again are open.
#
# Package: nginx 1.22.1 of Debian 12, with servers of Node's standard library.
#
# One would guess: a server that did not answer is passed over for `fail_timeout`; then one request is tried, and if the
# server answers, it has its share again. A WebSocket that is accepted is such an answer.
#
# What happens: the mark is taken back when the request has ended, and a WebSocket ends when its client leaves. Until then the
# server gets one connection each `fail_timeout` (ten seconds by default), however well it serves them. After a restart of
# both servers, clients that come back by WebSocket alone are refused by nginx with 502 for minutes. With plain requests
# the first one is enough. `max_fails=0` avoids it.
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

site() { # NAME FAILS
  echo "upstream $1 { server unix:$folder/A $2 fail_timeout=3s; server unix:$folder/B $2 fail_timeout=3s; }
  server { listen unix:$folder/$1; location / { proxy_pass http://$1; proxy_http_version 1.1;
    proxy_set_header Upgrade \$http_upgrade; proxy_set_header Connection \$connection_upgrade; } }"
}
{
  [ "$(id -u)" != 0 ] || echo "user root;"
  echo "daemon off; worker_processes 1; pid $folder/pid; events {}
  http {
    access_log off;
    map \$http_upgrade \$connection_upgrade { default upgrade; '' close; }"
  for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $folder/$kind;"; done
  site default ""
  site fails_0 "max_fails=0"
  echo "}"
} >nginx.conf
/usr/sbin/nginx -e "$folder/error.log" -c "$folder/nginx.conf" >start.log 2>&1 &
nginx=$!
for _ in $(seq 50); do [ -S fails_0 ] && break; sleep 0.1; done

cat >try.mjs <<'JS'
import { createServer, request } from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

const accepted = [];
/** Tells its name, to a plain request and in the head of an accepted upgrade. */
async function serve(name) {
  const server = createServer((_, answer) => answer.end(name));
  server.on('upgrade', (_, socket) => {
    accepted.push(socket);
    socket.on('error', () => {});
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Name: ${name}\r\n\r\n`);
  });
  await once(server.listen(name), 'listening');
  return server;
}
const plain = (socketPath) =>
  new Promise((resolve) => {
    request({ socketPath, path: '/' }, async (answer) => {
      let body = '';
      for await (const part of answer) body += part;
      resolve(answer.statusCode === 200 ? body : answer.statusCode);
    }).end();
  });
const open = [];
const websocket = (socketPath) =>
  new Promise((resolve) => {
    const asked = request({ socketPath, path: '/', headers: { Connection: 'Upgrade', Upgrade: 'websocket' } });
    asked.on('upgrade', (answer, socket) => resolve(answer.headers['x-name'], open.push(socket)));
    asked.on('response', (answer) => resolve(answer.statusCode));
    asked.end();
  });

const expected = {
  'default, ten plain requests': 'B has its share',
  'default, ten WebSockets': 'B has one of ten',
  'fails_0, ten WebSockets': 'B has its share',
};
let changed = false;
await serve('A');
for (const [title, was] of Object.entries(expected)) {
  const site = title.split(',')[0];
  const ask = title.endsWith('WebSockets') ? websocket : plain;
  for (let i = 0; i < 4; ++i) await plain(site); // B is away, and marked
  const b = await serve('B');
  await pause(5000); // longer than fail_timeout
  const at = { A: 0, B: 0 };
  for (let i = 0; i < 10; ++i) ++at[await ask(site)];
  const seen = at.B >= 4 ? 'B has its share' : at.B === 1 ? 'B has one of ten' : `B has ${at.B}`;
  changed ||= seen !== was;
  console.log(`${title.padEnd(27)} | ${seen}${seen === was ? '' : `   (was: ${was})`}`);
  for (const socket of open.splice(0)) socket.destroy();
  for (const socket of accepted.splice(0)) socket.destroy();
  b.closeAllConnections();
  await new Promise((resolve) => b.close(resolve));
}
process.exit(changed ? 1 : 0);
JS
timeout 60 node try.mjs
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
