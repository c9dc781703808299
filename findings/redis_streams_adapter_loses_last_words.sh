#!/bin/bash
# Finding: with the Redis streams adapter and connection state recovery, what is emitted before `disconnect()` is lost.
#
# Packages: socket.io 4.8.1, socket.io-adapter 2.5.5, socket.io-client 4.8.1, @socket.io/redis-streams-adapter 0.3.1 and
# redis 4.7.1 from npm, and redis-server 7.0 of Debian 12.
#
# One would guess: `socket.emit('banned', why); socket.disconnect()` tells a client why before it is gone, and an event
# that a handler emits before it calls its ack arrives before that ack: one connection keeps the order.
#
# What happens: with `connectionStateRecovery` this adapter sends an event only once Redis has answered with its place
# in the stream, while acks and the end of the connection go out at once. The last words never arrive, nor are they
# replayed, and an ack overtakes what was emitted before it. Without recovery, or with the adapter for one server, the
# order is kept: turning on the option that promises not to lose events loses them.
set -u
folder=$(mktemp -d) || exit 2
redis=
trap '[ -n "$redis" ] && kill "$redis" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder" || exit 2
version=$(dpkg-query -W -f '${Version}' redis-server 2>/dev/null)
case $version in
  5:7.0.*) echo "redis-server $version" ;;
  *) echo "this needs redis-server 7.0 of Debian 12, found '${version:-none}'"; exit 2 ;;
esac
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund socket.io@4.8.1 socket.io-adapter@2.5.5 socket.io-client@4.8.1 \
  @socket.io/redis-streams-adapter@0.3.1 redis@4.7.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
for package in socket.io socket.io-adapter socket.io-client @socket.io/redis-streams-adapter redis; do
  echo "$package $(node -p "JSON.parse(require('fs').readFileSync('node_modules/$package/package.json')).version")"
done
redis-server --port 0 --unixsocket "$folder/redis" --save '' --dir "$folder" >redis.log 2>&1 &
redis=$!
for _ in $(seq 50); do [ -S redis ] && break; sleep 0.1; done

cat >try.mjs <<'JS'
import { createServer } from 'node:http';
import { once } from 'node:events';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';
import { createClient } from 'redis';
import { createAdapter } from '@socket.io/redis-streams-adapter';

/** What a client hears when it asks a question, and then when it is sent away. */
async function hears(options, streams) {
  const http = createServer();
  if (streams) options.adapter = createAdapter(await createClient({ socket: { path: process.argv[2] } }).connect());
  const io = new Server(http, options);
  io.on('connection', (socket) => {
    socket.on('ask', (answer) => {
      socket.emit('before');
      answer();
    });
    socket.on('misbehave', () => {
      socket.emit('banned');
      socket.disconnect();
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = connect(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'] });
  const heard = [];
  client.onAny((name) => heard.push(name));
  const before = once(client, 'before');
  await Promise.all([before, client.emitWithAck('ask').then(() => heard.push('ack'))]);
  client.emit('misbehave');
  await once(client, 'disconnect');
  heard.push('disconnect');
  await new Promise((next) => setTimeout(next, 1000)); // nothing comes any more
  client.connect();
  await once(client, 'connect');
  await new Promise((next) => setTimeout(next, 1000)); // nor later
  client.close();
  return heard.join(', ');
}

const [kept, lost] = ['before, ack, banned, disconnect', 'ack, before, disconnect'];
const cases = [
  ['one server, recovery', await hears({ connectionStateRecovery: {} }, false), kept],
  ['streams', await hears({}, true), kept],
  ['streams, recovery', await hears({ connectionStateRecovery: {} }, true), lost],
];
for (const [what, heard] of cases) console.log(`${what.padEnd(20)} | ${heard}`);
process.exit(cases.every(([, heard, expected]) => heard === expected) ? 0 : 1);
JS
timeout 60 node try.mjs "$folder/redis"
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
