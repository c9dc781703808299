#!/bin/bash
# Finding: a server with the Redis streams adapter that has heard nothing yet loses what others emit while it is cut off.
#
# Packages: socket.io 4.8.1, socket.io-adapter 2.5.5, socket.io-client 4.8.1, @socket.io/redis-streams-adapter 0.3.1 and
# redis 4.7.1 from npm, and redis-server 7.0 of Debian 12.
#
# One would guess: that is what the streams are for. Redis keeps the events, and a server whose connection to Redis was
# interrupted reads on where it stopped. The adapter's documentation says that no packet is lost then.
#
# What happens: a server remembers the place of the last event that it has read. Until it has read one, it asks anew at
# each attempt for what comes from now on, and so skips all that was added in between: just after a start, or in a chat
# that is quiet. After its first event it misses nothing.
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
import net from 'node:net';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';
import { createClient } from 'redis';
import { createAdapter } from '@socket.io/redis-streams-adapter';

const pause = (ms) => new Promise((next) => setTimeout(next, ms));
const direct = await createClient({ socket: { path: process.argv[2] } }).connect();

/** Until so many servers wait for events of a stream. */
async function untilReading(count) {
  while (Number(/blocked_clients:(\d+)/.exec(await direct.info('clients'))[1]) !== count) await pause(20);
}

async function start(socket, streamName) {
  const redis = createClient({ socket: { ...socket, reconnectStrategy: () => 20 } });
  redis.on('error', () => {});
  await redis.connect();
  const http = createServer();
  const io = new Server(http, { adapter: createAdapter(redis, { streamName, channelPrefix: streamName }) });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = connect(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'] });
  await once(client, 'connect');
  return { io, client };
}

/** What the clients of a server hear that is cut off from Redis for a while; if `early`, after an event before that. */
async function hears(early) {
  const others = early ? 0 : 2; // servers of the case before
  await untilReading(others);
  const streamName = `stream-${early}`;
  const ends = [];
  const proxy = net.createServer((front) => {
    const back = net.connect(process.argv[2]);
    for (const [from, to] of [[front, back], [back, front]]) {
      from.on('error', () => {}).on('close', () => to.destroy()).pipe(to);
      ends.push(from);
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address();
  const emitting = await start({ path: process.argv[2] }, streamName);
  const other = await start({ host: '127.0.0.1', port }, streamName);
  await untilReading(others + 2);
  while ((await emitting.io.of('/').adapter.serverCount()) < 2) await pause(20);
  await emitting.io.fetchSockets(); // both have all their connections; this does not use the stream
  const heard = [];
  other.client.on('news', (text) => heard.push(text));
  const news = async (text) => {
    const length = await direct.xLen(streamName);
    emitting.io.emit('news', text);
    while ((await direct.xLen(streamName)) === length) await pause(20);
  };
  if (early) {
    const first = once(other.client, 'news');
    await news('early');
    await first;
  }
  proxy.close();
  for (const end of ends.splice(0)) end.destroy();
  await untilReading(others + 1);
  await news('meanwhile');
  proxy.listen(port, '127.0.0.1');
  await untilReading(others + 2);
  await news('afterwards');
  while (!heard.includes('afterwards')) await pause(20);
  const kept = (await direct.xRange(streamName, '-', '+')).map((entry) => JSON.parse(entry.message.data).packet.data[1]);
  console.log(`in the stream: ${kept.join(', ').padEnd(28)} | heard: ${heard.join(', ')}`);
  emitting.client.close();
  other.client.close();
  return heard.join(', ');
}

const seen = [await hears(true), await hears(false)];
process.exit(seen[0] === 'early, meanwhile, afterwards' && seen[1] === 'afterwards' ? 0 : 1);
JS
timeout 60 node try.mjs "$folder/redis"
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
