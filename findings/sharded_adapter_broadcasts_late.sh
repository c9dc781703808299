#!/bin/bash
# Finding: with a sharded adapter a broadcast misses who leaves right after it, and reaches who joins right after it.
#
# Packages: socket.io 4.8.1, socket.io-client 4.8.1, @socket.io/redis-adapter 8.3.0 and redis 4.7.1 from npm, and
# redis-server 7.0 of Debian 12.
#
# One would guess: `io.to(room).emit()` goes to those who are in the room at the call, as it does without an adapter and
# with the classic Redis adapter, and before whatever is emitted next.
#
# What happens: the sharded adapter publishes to Redis first, and looks up its own members of the room when Redis has
# answered. "You were removed", emitted before `leave()`, does not arrive; who joins in the same turn gets what was said
# before; and an event emitted to one socket afterwards overtakes the broadcast. The code that waits is that of
# socket.io-adapter's ClusterAdapter (2.5.5), which other adapters share.
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
  socket.io-adapter@2.5.5 redis@4.7.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
for package in socket.io socket.io-client socket.io-adapter @socket.io/redis-adapter redis; do
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
import { createAdapter, createShardedAdapter } from '@socket.io/redis-adapter';

/** Who heard what, in order, of a broadcast to the room that is followed by an event, a leave and a join. */
async function heard(makeAdapter) {
  const pub = createClient({ socket: { path: process.argv[2] } });
  const sub = pub.duplicate();
  await Promise.all([pub.connect(), sub.connect()]);
  const http = createServer();
  const io = new Server(http, makeAdapter ? { adapter: makeAdapter(pub, sub) } : {});
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const events = { stays: [], leaves: [], joins: [] };
  const sockets = {};
  const ended = [];
  for (const name of Object.keys(events)) {
    const client = connect(`http://127.0.0.1:${http.address().port}`, { transports: ['websocket'] });
    ended.push(once(client, 'end'));
    client.onAny((event) => event === 'end' || events[name].push(event));
    await once(client, 'connect');
    sockets[name] = io.sockets.sockets.get(client.id);
  }
  await sockets.stays.join('room');
  await sockets.leaves.join('room');
  io.to('room').emit('broadcast');
  sockets.stays.emit('next');
  sockets.leaves.leave('room');
  sockets.joins.join('room');
  setTimeout(() => io.emit('end'), 500);
  await Promise.all(ended);
  return Object.entries(events).map(([name, list]) => `who ${name}: ${list.join(', ') || 'nothing'}`).join(' | ');
}

const prompt = 'who stays: broadcast, next | who leaves: broadcast | who joins: nothing';
const expected = {
  'no adapter': [null, prompt],
  'classic adapter': [createAdapter, prompt],
  'sharded adapter': [createShardedAdapter, 'who stays: next, broadcast | who leaves: nothing | who joins: broadcast'],
};
let changed = false;
for (const [name, [adapter, line]] of Object.entries(expected)) {
  const seen = await heard(adapter);
  changed ||= seen !== line;
  console.log(`${name.padEnd(15)} | ${seen}`);
}
process.exit(changed ? 1 : 0);
JS
timeout 60 node try.mjs "$folder/redis"
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
