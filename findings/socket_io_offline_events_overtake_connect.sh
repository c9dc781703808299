#!/bin/bash
# Finding: what a Socket.IO client emitted while it was offline is sent before what its `connect` handler emits.
#
# Packages: socket.io 4.8.1 and socket.io-client 4.8.1 from npm.
#
# One would guess: a handler of `connect` is the place to log in or to join a room after each reconnect, and its events
# are the first of the new connection, before those that the client kept while it was offline.
#
# What happens: the client sends what it kept first, and only then tells that it is connected. A message that was emitted
# offline arrives before the login that it needs. With recovery it is the same, but there the server still knows the rooms.
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

async function order(recovery) {
  const http = createServer();
  const io = new Server(http, recovery ? { connectionStateRecovery: {} } : {});
  const heard = [];
  io.on('connection', (socket) => socket.onAny((event) => heard.push(event)));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = connect(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'], reconnectionDelay: 10 });
  client.on('connect', () => client.emit('login'));
  await once(client, 'connect');
  const news = once(client, 'news');
  io.emit('news');
  await news;
  while (heard.length === 0) await pause(10); // the first login
  heard.length = 0;
  client.io.engine.close();
  client.emit('message');
  await once(client, 'connect');
  await pause(200);
  const recovered = client.recovered;
  client.close();
  io.close();
  return `${heard.join(', ')}${recovered ? ' (recovered)' : ''}`;
}
const plain = await order(false);
console.log(`offline: message; on connect: login | arrives: ${plain}`);
const recovered = await order(true);
console.log(`offline: message; on connect: login | arrives: ${recovered}`);
process.exit(plain === 'message, login' && recovered === 'message, login (recovered)' ? 0 : 1);
JS
timeout 60 node try.mjs
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
