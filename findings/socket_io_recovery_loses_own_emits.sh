#!/bin/bash
# Finding: with connection state recovery, `socket.emit()` reaches nobody before the connection or outside of all rooms.
#
# Packages: socket.io 4.8.1, socket.io-adapter 2.5.5 and socket.io-client 4.8.1 from npm.
#
# One would guess: `socket.emit()` writes to that client's connection. `connectionStateRecovery` may replay the event
# later; what arrives while the client is connected is the same with and without it.
#
# What happens: with recovery the event is a broadcast to the room that has the socket's id for a name. A middleware runs
# before the socket is in that room, and "leave all rooms" includes it: in both places `socket.emit()` then returns true
# and sends nothing, with or without an ack. Without recovery all of these events arrive.
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund socket.io@4.8.1 socket.io-adapter@2.5.5 socket.io-client@4.8.1 \
  >npm.log 2>&1 || { cat npm.log; exit 2; }
for package in socket.io socket.io-adapter socket.io-client; do
  echo "$package $(node -p "JSON.parse(require('fs').readFileSync('node_modules/$package/package.json')).version")"
done

cat >try.mjs <<'JS'
import { createServer } from 'node:http';
import { once } from 'node:events';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';

/** The events that a client gets from a server with these options. */
async function events(options) {
  const http = createServer();
  const io = new Server(http, options);
  const returned = [];
  io.use((socket, next) => {
    returned.push(socket.emit('in_middleware'));
    next();
  });
  io.on('connection', (socket) => {
    returned.push(socket.emit('connected'));
    for (const room of socket.rooms) socket.leave(room);
    returned.push(socket.emit('in_no_room'));
    returned.push(socket.emit('in_no_room_with_ack', () => {}));
    socket.on('ask', (answer) => answer());
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = connect(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'] });
  const heard = [];
  client.onAny((name) => heard.push(name));
  await client.emitWithAck('ask'); // its answer comes after all that was sent before
  client.close();
  io.close();
  return `${heard.join(' ')}; emit() returned ${[...new Set(returned)].join(', ')}`;
}

const seen = [await events({}), await events({ connectionStateRecovery: {} })];
console.log(`without recovery | ${seen[0]}`);
console.log(`with recovery    | ${seen[1]}`);
const expected = ['in_middleware connected in_no_room in_no_room_with_ack', 'connected'];
process.exit(seen.every((what, i) => what === `${expected[i]}; emit() returned true`) ? 0 : 1);
JS
timeout 60 node try.mjs
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
