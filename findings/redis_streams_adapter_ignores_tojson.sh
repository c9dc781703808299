#!/bin/bash
# Finding: with @socket.io/redis-streams-adapter an event that holds bytes ignores `toJSON()` for other servers' clients.
#
# Packages: socket.io 4.8.1, socket.io-adapter 2.5.5, socket.io-client 4.8.1, @socket.io/redis-streams-adapter 0.3.1,
# @msgpack/msgpack 2.8.0 and redis 4.7.1 from npm, and redis-server 7.0 of Debian 12.
#
# One would guess: everybody in a room receives the same, and what an object's `toJSON()` returns is what is sent of it,
# with or without bytes beside it. An ArrayBuffer is bytes, as a Buffer is.
#
# What happens: between servers an event is JSON, but MessagePack if there are bytes in it, and that encoder knows no
# `toJSON()`. Beside bytes the clients of other servers get an object's own fields, also those that `toJSON()` leaves
# out; a URL is an empty object, and so is an ArrayBuffer; members that are undefined become null. The clients of the
# server that emits see none of this.
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
  @socket.io/redis-streams-adapter@0.3.1 @msgpack/msgpack@2.8.0 redis@4.7.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
for package in socket.io socket.io-adapter socket.io-client @socket.io/redis-streams-adapter @msgpack/msgpack redis; do
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

async function start() {
  const redis = await createClient({ socket: { path: process.argv[2] } }).connect();
  const http = createServer();
  const io = new Server(http, { adapter: createAdapter(redis) });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = connect(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'] });
  await once(client, 'connect');
  return { io, client, redis };
}

const [one, two] = [await start(), await start()];
for (let heard = false; !heard; ) { // until the second server reads the stream
  two.client.once('ready', () => (heard = true));
  one.io.emit('ready');
  await new Promise((next) => setTimeout(next, 50));
}

class Price {
  constructor(cents, cost) {
    Object.assign(this, { cents, cost });
  }
  toJSON() {
    return { euros: this.cents / 100 };
  }
}
const bytes = Buffer.from('x');
const samples = {
  'a Price': [[new Price(250, 90)], '{"euros":2.5}', '{"euros":2.5}'],
  'a Price, bytes': [[new Price(250, 90), bytes], '{"euros":2.5}', '{"cents":250,"cost":90}'],
  'a URL': [[new URL('https://example.org/')], '"https://example.org/"', '"https://example.org/"'],
  'a URL, bytes': [[new URL('https://example.org/'), bytes], '"https://example.org/"', '{}'],
  'undefined': [[{ note: undefined }], '{}', '{}'],
  'undefined, bytes': [[{ note: undefined }, bytes], '{}', '{"note":null}'],
  'a Uint8Array': [[new Uint8Array([1, 2])], '2 bytes', '2 bytes'],
  'an ArrayBuffer': [[new Uint8Array([1, 2]).buffer], '2 bytes', '{}'],
};
let changed = false;
for (const [name, [values, ...expected]] of Object.entries(samples)) {
  const both = [once(one.client, 'sample'), once(two.client, 'sample')];
  one.io.emit('sample', ...values);
  const told = (await Promise.all(both)).map(([value]) =>
    Buffer.isBuffer(value) ? `${value.length} bytes` : JSON.stringify(value));
  const same = told[0] === expected[0] && told[1] === expected[1];
  changed ||= !same;
  const seen = `this server's clients: ${told[0].padEnd(22)} | others: ${told[1]}`;
  console.log(`${name.padEnd(16)} | ${seen}${same ? '' : '   (has changed)'}`);
}
process.exit(changed ? 1 : 0);
JS
timeout 60 node try.mjs "$folder/redis"
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
