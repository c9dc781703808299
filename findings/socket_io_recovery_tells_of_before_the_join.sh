#!/bin/bash
# Finding: a client that is recovered is sent what was said in a room before it joined, and misses what it was owed.
#
# Packages: socket.io 4.8.1, socket.io-adapter 2.5.5 and socket.io-client 4.8.1 from npm, with `connectionStateRecovery`.
#
# One would guess: a recovered client gets just what it would have got if its connection had not been lost: the events
# for rooms that it was in when they were emitted. `recovered` promises that nothing is missing.
#
# What happens: the server looks through all events since the last one that the client has got, and judges each by the
# rooms in which the client was at the end of its connection. If the client has got nothing since it joined a room, it
# is sent what was said there earlier. If it was taken out of a room while its connection was already dead but not yet
# closed, an event for that room from before is lost. And whoever joins a room that others leave out with `except` is not
# sent what it was owed before. In all cases `recovered` is true.
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund socket.io@4.8.1 socket.io-adapter@2.5.5 socket.io-client@4.8.1 \
  >npm.log 2>&1 || { cat npm.log; exit 2; }
for package in socket.io socket.io-adapter socket.io-client; do
  echo "$package $(node -p "JSON.parse(require('fs').readFileSync('node_modules/$package/package.json')).version")"
done

cat >try.mjs <<'JS'
import { createServer } from 'node:http';
import { once } from 'node:events';
import net from 'node:net';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';

/** What a client hears once it is recovered, if `happen` happened while its network had stopped passing on anything. */
async function recovered(rooms, happen) {
  const http = createServer();
  const io = new Server(http, { connectionStateRecovery: {} });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const network = { dead: false, ends: [] }; // between client and server
  const proxy = net.createServer((front) => {
    const back = net.connect(http.address().port, '127.0.0.1');
    for (const [from, to] of [[front, back], [back, front]]) {
      from.on('data', (data) => network.dead || to.write(data)).on('error', () => {}).on('close', () => to.destroy());
      network.ends.push(from);
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');

  const url = `http://127.0.0.1:${proxy.address().port}`;
  const client = connect(url, { transports: ['websocket'], reconnectionDelay: 10 });
  const [[socket]] = await Promise.all([once(io, 'connection'), once(client, 'connect')]);
  socket.join(rooms);
  socket.emit('hello'); // the last event that the client gets before
  await once(client, 'hello');
  const heard = [];
  client.on('news', (text) => heard.push(text));
  network.dead = true;
  happen(io, socket);
  const again = Promise.all([once(io, 'connection'), once(client, 'connect')]);
  for (const end of network.ends.splice(0)) end.destroy();
  network.dead = false;
  const [[next]] = await again;
  next.emit('end');
  await once(client, 'end');
  client.close();
  io.close();
  proxy.close();
  return `recovered ${client.recovered}, hears ${heard.join(', ') || 'nothing'}`;
}

const seen = {
  'a member': await recovered(['den'], (io) => io.to('den').emit('news', 'of the den')),
  'joins the room after that': await recovered([], (io, socket) => {
    io.to('den').emit('news', 'of the den');
    socket.join('den');
  }),
  'leaves the room after that': await recovered(['den'], (io, socket) => {
    io.to('den').emit('news', 'of the den');
    socket.leave('den');
  }),
  'joins an excepted room after that': await recovered([], (io, socket) => {
    io.except('muted').emit('news', 'for all but the muted');
    socket.join('muted');
  }),
};
for (const [who, what] of Object.entries(seen)) console.log(`${who.padEnd(33)} | ${what}`);
const expected = ['of the den', 'of the den', 'nothing', 'nothing'].map((what) => `recovered true, hears ${what}`);
process.exit(JSON.stringify(Object.values(seen)) === JSON.stringify(expected) ? 0 : 1);
JS
timeout 60 node try.mjs
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
