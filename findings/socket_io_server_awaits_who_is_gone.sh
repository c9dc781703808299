#!/bin/bash
# Finding: `await socket.emitWithAck()` on a Socket.IO server never ends if the client leaves before it has answered.
#
# Packages: socket.io 4.8.1 and socket.io-client 4.8.1 from npm.
#
# One would guess: an ack cannot come any more once the connection is gone, so the promise is rejected then. In the
# client it is, with "socket has been disconnected".
#
# What happens: when the client leaves, the promise on the server is neither resolved nor rejected (here two seconds later),
# and nothing is left that could answer. With `timeout()` it is rejected, but only when the time is over, although the
# server knew at once; a broadcast to a single client that leaves waits as long.
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

/** What became of the promise by 200 ms, and by 2 s, after one side has left; nobody answers. */
async function outcome(ask, leave) {
  const client = connect(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'], forceNew: true });
  await once(client, 'connect');
  const socket = io.sockets.sockets.get(client.id);
  let state = 'pending';
  ask(client, socket).then(
    () => (state = 'resolved'),
    (error) => (state = error.message),
  );
  await pause(100);
  const gone = Promise.all([once(client, 'disconnect'), once(socket, 'disconnect')]);
  leave(client, socket);
  await gone;
  await pause(200);
  const soon = state;
  await pause(1800);
  client.close();
  return `${soon}, at last: ${state}`;
}
const serverLeaves = (client, socket) => socket.disconnect(true);
const clientLeaves = (client) => client.disconnect();
const cases = {
  'client asks, server leaves': [
    (client) => client.emitWithAck('ask'),
    serverLeaves,
    'socket has been disconnected, at last: socket has been disconnected',
  ],
  'server asks, client leaves': [(client, socket) => socket.emitWithAck('ask'), clientLeaves, 'pending, at last: pending'],
  'server asks for 1 s, client leaves': [
    (client, socket) => socket.timeout(1000).emitWithAck('ask'),
    clientLeaves,
    'pending, at last: operation has timed out',
  ],
  'server asks all for 1 s, client leaves': [
    () => io.timeout(1000).emitWithAck('ask'),
    clientLeaves,
    'pending, at last: operation has timed out',
  ],
};
let changed = false;
for (const [what, [ask, leave, expected]] of Object.entries(cases)) {
  const seen = await outcome(ask, leave);
  changed ||= seen !== expected;
  console.log(`${what.padEnd(38)} | soon: ${seen}`);
}
process.exit(changed ? 1 : 0);
JS
timeout 60 node try.mjs
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
