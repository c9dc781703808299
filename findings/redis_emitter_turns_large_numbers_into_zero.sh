#!/bin/bash
# Finding: Socket.IO's MessagePack turns whole numbers from 2^64 on into others, and `Number.MAX_VALUE` into 0.
#
# Packages: socket.io 4.8.1, socket.io-client 4.8.1, socket.io-msgpack-parser 3.0.2, @socket.io/redis-emitter 5.1.0,
# @socket.io/redis-adapter 8.3.0, redis 4.7.1 and notepack.io 3.0.1 from npm, and redis-server 7.0 of Debian 12.
#
# One would guess: a number arrives as the number that was sent. JSON and MessagePack both carry any double, and nothing
# is refused or said to be inexact.
#
# What happens: the encoder of these packages (notepack.io) writes each number without a fraction as an integer, and only
# its lowest 64 bits: 1e20 becomes 7766279631452242000, and `Number.MAX_VALUE`, which often stands for "no limit", becomes
# 0. Numbers with a fraction arrive. So it is with the emitter, between servers with the Redis adapter, and between client
# and server with the parser.
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
npm install --silent --no-audit --no-fund socket.io@4.8.1 socket.io-client@4.8.1 socket.io-msgpack-parser@3.0.2 \
  @socket.io/redis-emitter@5.1.0 @socket.io/redis-adapter@8.3.0 redis@4.7.1 notepack.io@3.0.1 >npm.log 2>&1 ||
  { cat npm.log; exit 2; }
for package in socket.io socket.io-client socket.io-msgpack-parser @socket.io/redis-emitter @socket.io/redis-adapter \
  redis notepack.io; do
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
import { Emitter } from '@socket.io/redis-emitter';
import * as msgpack from 'socket.io-msgpack-parser';

async function start(options, parser) {
  const http = createServer();
  const io = new Server(http, { ...options, parser });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = connect(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'], parser });
  const [[socket]] = await Promise.all([once(io, 'connection'), once(client, 'connect')]);
  return { io, client, socket };
}

const redis = createClient({ socket: { path: process.argv[2] } });
const sub = redis.duplicate();
await Promise.all([redis.connect(), sub.connect()]);
const bridged = await start({ adapter: createAdapter(redis, sub) });
while (!(await redis.sendCommand(['PUBSUB', 'NUMPAT']))) await new Promise((next) => setTimeout(next, 20)); // it listens
const json = await start({});
const packed = await start({}, msgpack.default ?? msgpack);
const emitter = new Emitter(redis);

const ways = {
  json: async (number) => (await Promise.all([once(json.socket, 'n'), json.client.emit('n', number)]))[0][0],
  parser: async (number) => (await Promise.all([once(packed.socket, 'n'), packed.client.emit('n', number)]))[0][0],
  emitter: async (number) => (await Promise.all([once(bridged.client, 'n'), emitter.emit('n', number)]))[0][0],
};
const expected = {
  '2 ** 53': [2 ** 53, 2 ** 53],
  '2 ** 64': [2 ** 64, 0],
  '1e20': [1e20, 7766279631452242000],
  'Number.MAX_VALUE': [Number.MAX_VALUE, 0],
  '-Number.MAX_VALUE': [-Number.MAX_VALUE, 0],
  '1.5e-300': [1.5e-300, 1.5e-300],
};
let changed = false;
for (const [name, [number, wrong]] of Object.entries(expected)) {
  const seen = {};
  for (const [way, pass] of Object.entries(ways)) seen[way] = await pass(number);
  const same = seen.json === number && seen.parser === wrong && seen.emitter === wrong;
  changed ||= !same;
  const told = Object.entries(seen).map(([way, value]) => `${way}: ${String(value).padEnd(23)}`).join(' | ');
  console.log(`${name.padEnd(17)} | ${told}${same ? '' : '   (has changed)'}`);
}
process.exit(changed ? 1 : 0);
JS
timeout 60 node try.mjs "$folder/redis"
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
