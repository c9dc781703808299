#!/bin/bash
# Finding: a volatile event of Socket.IO is lost on an idle, healthy connection if another event was emitted just before.
#
# Packages: socket.io 4.8.1 and socket.io-client 4.8.1 from npm, over WebSocket.
#
# One would guess: a volatile event is dropped if the connection cannot take it: there is none, or it is congested. On
# an idle connection it arrives, and without a connection it is not kept.
#
# What happens: a transport counts as busy from each write to the next turn of the event loop. So of events emitted in
# one turn a volatile one arrives only if it is the first; that holds for the client and for the server. And where a
# client's connection is up, but its namespace is not, a volatile event is kept like any other, and sent later.
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund socket.io@4.8.1 socket.io-client@4.8.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
for package in socket.io socket.io-client; do
  echo "$package $(node -p "require('./node_modules/$package/package.json').version")"
done

cat >try.mjs <<'JS'
import { createServer } from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';

const http = createServer();
const io = new Server(http);
const server = []; // what it hears
for (const name of ['/', '/late']) io.of(name).on('connection', (socket) => socket.onAny((event) => server.push(event)));
http.listen(0, '127.0.0.1');
await once(http, 'listening');
const main = connect(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'] });
const client = [];
main.onAny((event) => client.push(event));
await once(main, 'connect');

/** What `list` holds when the events of `emit` have arrived. */
async function heard(list, emit) {
  await pause(200);
  list.length = 0;
  emit();
  await pause(300);
  return list.join(' ') || 'nothing';
}
const late = main.io.socket('/late'); // on the same connection
if (!late.connected) await once(late, 'connect');
late.disconnect();
const seen = {
  'client: volatile a': [await heard(server, () => main.volatile.emit('a')), 'a'],
  'client: volatile a, volatile b': [
    await heard(server, () => {
      main.volatile.emit('a');
      main.volatile.emit('b');
    }),
    'a',
  ],
  'client: a, volatile b': [
    await heard(server, () => {
      main.emit('a');
      main.volatile.emit('b');
    }),
    'a',
  ],
  'server: a, volatile b': [
    await heard(client, () => {
      io.emit('a');
      io.volatile.emit('b');
    }),
    'a',
  ],
  'client, namespace left: volatile a; then joined': [
    await heard(server, () => {
      late.volatile.emit('a');
      setTimeout(() => late.connect(), 100);
    }),
    'a',
  ],
};
for (const [what, [got]] of Object.entries(seen)) console.log(`${what.padEnd(48)} | arrives: ${got}`);
process.exit(Object.values(seen).every(([got, expected]) => got === expected) ? 0 : 1);
JS
timeout 60 node try.mjs
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
