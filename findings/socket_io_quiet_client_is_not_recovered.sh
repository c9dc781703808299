#!/bin/bash
# Finding: a Socket.IO client that has heard nothing for a while is not recovered, however short its connection was lost.
#
# Packages: socket.io 4.8.1 and socket.io-client 4.8.1 from npm, with `connectionStateRecovery`. It takes a minute.
#
# One would guess: `maxDisconnectionDuration` says how long a client may be away. One that comes back within
# milliseconds is recovered: it keeps its id, its rooms and its data, and has missed nothing.
#
# What happens: the server finds a client's place by the last event that it got, and forgets events by their own age,
# once a minute. A client whose last event is older than that duration, or that never got one, gets a fresh session
# even if it was away for no time at all. In a quiet room that is everybody.
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
import { setTimeout as pause } from 'node:timers/promises';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';

/** Whether a client is recovered that got its last event `quiet` ms ago (null: none at all) and reconnects at once. */
async function recovers(maxDisconnectionDuration, quiet) {
  const http = createServer();
  const io = new Server(http, { connectionStateRecovery: { maxDisconnectionDuration } });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = connect(`http://127.0.0.1:${http.address().port}`, {
    transports: ['websocket'],
    reconnectionDelay: 10,
  });
  await once(client, 'connect');
  if (quiet !== null) {
    const news = once(client, 'news');
    io.emit('news');
    await news;
    await pause(quiet);
  }
  const again = once(client, 'connect');
  client.io.engine.close();
  await again;
  client.close();
  io.close();
  return client.recovered;
}

const cases = {
  'may be away for 20 s, an event just now': [20_000, 0, true],
  'may be away for 20 s, an event a minute ago': [20_000, 61_000, false],
  'may be away for 120 s, an event a minute ago': [120_000, 61_000, true],
  'may be away for 20 s, no event yet': [20_000, null, false],
};
const seen = await Promise.all(Object.values(cases).map(([duration, quiet]) => recovers(duration, quiet)));
Object.keys(cases).forEach((name, i) => console.log(`${name.padEnd(44)} | recovered: ${seen[i]}`));
process.exit(Object.values(cases).every(([, , expected], i) => expected === seen[i]) ? 0 : 1);
JS
timeout 100 node try.mjs
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
