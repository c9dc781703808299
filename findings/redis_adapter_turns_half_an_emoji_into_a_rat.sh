#!/bin/bash
# Finding: with @socket.io/redis-adapter a text that is cut within an emoji ends with a rat for other servers' clients.
#
# Packages: socket.io 4.8.1, socket.io-client 4.8.1, @socket.io/redis-adapter 8.3.0 and redis 4.7.1 from npm, and
# redis-server 7.0 of Debian 12.
#
# One would guess: everybody in a room receives the same. JSON carries half of an emoji, which `text.slice(0, 140)` may
# leave, as it is, and an invalid `Date` as null.
#
# What happens: between servers the event is MessagePack. Its encoder (notepack.io 3.0.1) joins the first half of an
# emoji with whatever follows: at the end of a text 😀 becomes 🐀, and before other text the next character is lost in
# yet another emoji. An invalid Date becomes the first of January 1970. The clients of the server that emits see none of
# this.
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
const samples = {
  'a Date that is none': [new Date(NaN), null, '1970-01-01T00:00:00.000Z'],
  'cut after half of 😀': ['fun 😀'.slice(0, 5), 'fun \ud83d', 'fun 🐀'],
  'that and more text': [`${'fun 😀'.slice(0, 5)} ...`, 'fun \ud83d ...', 'fun 🐠...'],
};
let changed = false;
for (const [name, [value, ...expected]] of Object.entries(samples)) {
  const both = [once(one.client, 'sample'), once(two.client, 'sample')];
  one.io.emit('sample', value);
  const [[here], [there]] = await Promise.all(both);
  changed ||= here !== expected[0] || there !== expected[1];
  console.log(`${name.padEnd(20)} | this server's clients: ${String(here).padEnd(9)} | others: ${there}`);
}
process.exit(changed ? 1 : 0);
JS
timeout 60 node try.mjs "$folder/redis"
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
