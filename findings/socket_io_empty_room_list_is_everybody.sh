#!/bin/bash
# Finding: in Socket.IO an empty list of rooms means everybody, so `io.to(recipients)` reaches all if there are none.
#
# Packages: socket.io 4.8.1 and socket.io-client 4.8.1 from npm.
#
# One would guess: `io.to(list)` goes to the members of the rooms of the list, so an empty list, say of those who asked
# to be told, goes to nobody.
#
# What happens: `to([])` is as if it had not been called. An event goes to every client of the namespace, from
# `socket.to([])` to every other one, and `in([])` selects all sockets, also for `socketsJoin()`. A name that is no
# room, and even `to(undefined)`, goes to nobody.
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
http.listen(0, '127.0.0.1');
await once(http, 'listening');
const heard = [];
const sockets = {};
for (const name of ['ann', 'bob', 'cat']) {
  const client = connect(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'] });
  client.on('news', () => heard.push(name));
  await once(client, 'connect');
  sockets[name] = io.sockets.sockets.get(client.id);
  await sockets[name].join(name);
}
const cases = {
  "io.to(['ann', 'bob'])": [() => io.to(['ann', 'bob']), 'ann bob'],
  "io.to(['ann'])": [() => io.to(['ann']), 'ann'],
  'io.to([])': [() => io.to([]), 'ann bob cat'],
  "io.to('nobody')": [() => io.to('nobody'), 'nobody'],
  'io.to(undefined)': [() => io.to(undefined), 'nobody'],
  "io.to('ann').to([])": [() => io.to('ann').to([]), 'ann'],
  'the socket of ann, to([])': [() => sockets.ann.to([]), 'bob cat'],
};
let changed = false;
for (const [what, [to, expected]] of Object.entries(cases)) {
  heard.length = 0;
  to().emit('news');
  await pause(200);
  const seen = heard.sort().join(' ') || 'nobody';
  changed ||= seen !== expected;
  console.log(`${what.padEnd(26)} | reaches ${seen}`);
}
io.in([]).socketsJoin('made');
const joined = io.of('/').adapter.rooms.get('made')?.size ?? 0;
console.log(`${'io.in([]).socketsJoin()'.padEnd(26)} | joins ${joined}`);
process.exit(changed || joined !== 3 ? 1 : 0);
JS
timeout 60 node try.mjs
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
