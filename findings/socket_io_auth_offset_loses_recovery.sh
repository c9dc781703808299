#!/bin/bash
# Finding: a field named `offset` or `pid` in a Socket.IO client's `auth` costs it its connection state recovery.
#
# Packages: socket.io 4.8.1 and socket.io-client 4.8.1 from npm, with `connectionStateRecovery`.
#
# One would guess: `auth` belongs to the application, which may send a token, or an `offset` of its own to say which
# messages it has. How a client asks to be recovered is another matter.
#
# What happens: the client asks in the same object, by the fields `pid` and `offset`, and the application's fields
# replace them. The server looks for a session of the name that the application sent, or for an event that it never
# sent, and gives the client a fresh session. Any other name does no harm.
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

async function recovers(auth) {
  const http = createServer();
  const io = new Server(http, { connectionStateRecovery: {} });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = connect(`http://127.0.0.1:${http.address().port}`, {
    transports: ['websocket'],
    reconnectionDelay: 10,
    auth,
  });
  await once(client, 'connect');
  const news = once(client, 'news');
  io.emit('news');
  await news;
  await pause(100);
  const again = once(client, 'connect');
  client.io.engine.close();
  await again;
  client.close();
  io.close();
  return client.recovered;
}
const cases = [
  [{}, true],
  [{ token: 'secret', since: 42 }, true],
  [{ token: 'secret', offset: 42 }, false],
  [{ token: 'secret', pid: 42 }, false],
];
let changed = false;
for (const [auth, expected] of cases) {
  const seen = await recovers(auth);
  changed ||= seen !== expected;
  console.log(`auth ${JSON.stringify(auth).padEnd(32)} | recovered: ${seen}`);
}
process.exit(changed ? 1 : 0);
JS
timeout 60 node try.mjs
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
