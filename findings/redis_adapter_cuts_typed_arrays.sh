#!/bin/bash
# Finding: with @socket.io/redis-adapter a typed array arrives whole at this server's clients, but cut at all others.
#
# Packages: socket.io 4.8.1, socket.io-client 4.8.1, @socket.io/redis-adapter 8.3.0 and redis 4.7.1 from npm, and
# redis-server 7.0 of Debian 12.
#
# One would guess: Socket.IO sends any typed array as its bytes, and an adapter carries an event to the clients of the
# other servers as it is: everybody in a room receives the same.
#
# What happens: between servers the event is MessagePack, whose encoder (notepack.io 3.0.1) writes one byte for each
# *element* of a view, and none for a DataView. A Float32Array of two numbers is eight bytes for the clients of the server
# that emits it, and two bytes, its numbers cut to integers from 0 to 255, for all others. Only views of bytes survive.
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
npm install --silent --no-audit --no-fund socket.io@4.8.1 socket.io-client@4.8.1 @socket.io/redis-adapter@8.3.0 \
  redis@4.7.1 notepack.io@3.0.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
for package in socket.io socket.io-client @socket.io/redis-adapter redis notepack.io; do
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
import { createAdapter } from '@socket.io/redis-adapter';

async function start() {
  const pub = createClient({ socket: { path: process.argv[2] } });
  const sub = pub.duplicate();
  await Promise.all([pub.connect(), sub.connect()]);
  const http = createServer();
  const io = new Server(http, { adapter: createAdapter(pub, sub) });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = connect(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'] });
  await once(client, 'connect');
  return { io, client };
}

const [one, two] = [await start(), await start()];
while ((await one.io.fetchSockets()).length < 2); // both servers hear each other
const hex = ([bytes]) => (bytes.length ? Buffer.from(bytes).toString('hex') : 'nothing');
const samples = {
  'Uint8Array 1 2': [new Uint8Array([1, 2]), '0102', '0102'],
  'Uint16Array 1 300': [new Uint16Array([1, 300]), '01002c01', '012c'],
  'Float32Array 1.5 300': [new Float32Array([1.5, 300]), '0000c03f00009643', '012c'],
  'DataView of 2 bytes': [new DataView(new Uint8Array([1, 2]).buffer), '0102', 'nothing'],
};
let changed = false;
for (const [name, [value, ...expected]] of Object.entries(samples)) {
  const both = [once(one.client, 'sample'), once(two.client, 'sample')];
  one.io.emit('sample', value);
  const [here, there] = (await Promise.all(both)).map(hex);
  changed ||= here !== expected[0] || there !== expected[1];
  console.log(`${name.padEnd(20)} | this server's clients: ${here.padEnd(16)} | others: ${there}`);
}
process.exit(changed ? 1 : 0);
JS
timeout 60 node try.mjs "$folder/redis"
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
