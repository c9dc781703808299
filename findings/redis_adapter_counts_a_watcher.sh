#!/bin/bash
# Finding: a Redis client that only listens to the channel of requests breaks `fetchSockets()` on all Socket.IO servers.
#
# Packages: socket.io 4.8.1, @socket.io/redis-adapter 8.3.0 and redis 4.7.1 from npm, and redis-server 7.0 of Debian 12.
#
# One would guess: publishing and subscribing are free of side effects. A monitor, or a server of another kind, may
# subscribe to the adapter's channels to see what goes on there.
#
# What happens: a server learns by PUBSUB NUMSUB how many servers there are, and waits for that many answers. Whoever
# subscribes to `socket.io-request#/#` counts as a server that never answers: `fetchSockets()` fails after its five
# seconds everywhere, although all real servers have answered. A subscription by pattern (PSUBSCRIBE) is not counted.
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
npm install --silent --no-audit --no-fund socket.io@4.8.1 @socket.io/redis-adapter@8.3.0 redis@4.7.1 >npm.log 2>&1 ||
  { cat npm.log; exit 2; }
for package in socket.io @socket.io/redis-adapter redis; do
  echo "$package $(node -p "JSON.parse(require('fs').readFileSync('node_modules/$package/package.json')).version")"
done
redis-server --port 0 --unixsocket "$folder/redis" --save '' --dir "$folder" >redis.log 2>&1 &
redis=$!
for _ in $(seq 50); do [ -S redis ] && break; sleep 0.1; done

cat >try.mjs <<'JS'
import { Server } from 'socket.io';
import { createClient } from 'redis';
import { createAdapter } from '@socket.io/redis-adapter';

const client = async () => {
  const redis = createClient({ socket: { path: process.argv[2] } });
  await redis.connect();
  return redis;
};
const channel = 'socket.io-request#/#';
const pub = await client();
const servers = [];
for (let i = 0; i < 2; i++) servers.push(new Server({ adapter: createAdapter(pub, await client()) }));
for (const io of servers) io.of('/');
while ((await pub.sendCommand(['PUBSUB', 'NUMSUB', channel]))[1] < 2);

async function fetched() {
  return servers[0].fetchSockets().then((sockets) => `${sockets.length} sockets`, (error) => error.message);
}
const watcher = await client();
const alone = await fetched();
await watcher.pSubscribe('socket.io-request#*', () => {});
const pattern = await fetched();
await watcher.subscribe(channel, () => {});
const watched = await fetched();
console.log(`two servers:                     ${alone}`);
console.log(`and a watcher by PSUBSCRIBE:     ${pattern}`);
console.log(`and a watcher by SUBSCRIBE:      ${watched}`);
process.exit(alone === '0 sockets' && pattern === alone && watched.startsWith('timeout reached') ? 0 : 1);
JS
timeout 60 node try.mjs "$folder/redis"
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
