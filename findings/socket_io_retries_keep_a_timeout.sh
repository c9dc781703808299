#!/bin/bash
# Finding: with the option `retries`, the timeout of one event also ends a later one that asked for no such timeout.
#
# Packages: socket.io 4.8.1 and socket.io-client 4.8.1 from npm.
#
# One would guess: `socket.timeout(100).emit(…)` bounds the wait for this one ack. Every other event waits for
# `ackTimeout`, with and without the option `retries`.
#
# What happens: with `retries` an event waits in a queue while an earlier one is not acked, and the timeout that was
# meant for it stays on the socket when it is queued: the next events that are queued get it too. An event whose ack
# takes 400 ms is sent twice and then fails, although `ackTimeout` is five seconds. Without `retries` it succeeds.
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
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';

const http = createServer();
const io = new Server(http);
let slow = 0; // how often the second event of that name, and its repeats, arrived
io.on('connection', (socket) => {
  socket.on('fast', (ack) => ack('done'));
  socket.on('slow', (ack) => setTimeout(ack, 400, 'done'));
  socket.on('second', (ack) => {
    slow++;
    setTimeout(ack, 400, 'done');
  });
});
http.listen(0, '127.0.0.1');
await once(http, 'listening');

async function run(retries) {
  slow = 0;
  const client = connect(`http://127.0.0.1:${http.address().port}`, {
    transports: ['websocket'],
    forceNew: true,
    ackTimeout: 5000,
    ...(retries && { retries }),
  });
  await once(client, 'connect');
  const outcome = (emit) => new Promise((resolve) => emit((error, answer) => resolve(error ? error.message : answer)));
  const outcomes = await Promise.all([
    outcome((ack) => client.emit('slow', ack)),
    outcome((ack) => client.timeout(100).emit('fast', ack)),
    outcome((ack) => client.emit('second', ack)),
  ]);
  client.close();
  return `${outcomes.join(', ')} (sent ${slow === 1 ? 'once' : 'twice'})`;
}
const names = 'slow, fast within 100 ms, then slow again:';
const plain = await run(0);
console.log(`without retries | ${names} ${plain}`);
const queued = await run(1);
console.log(`with retries: 1 | ${names} ${queued}`);
const described = plain === 'done, done, done (sent once)' && queued === 'done, done, operation has timed out (sent twice)';
process.exit(described ? 0 : 1);
JS
timeout 60 node try.mjs
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
