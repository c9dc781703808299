#!/bin/bash
# Finding: a volatile event that ends in a string costs a Socket.IO client its connection state recovery.
#
# Packages: socket.io 4.8.1 and socket.io-client 4.8.1 from npm, with `connectionStateRecovery`.
#
# One would guess: volatile events are outside of connection state recovery. They are not kept, and they do not matter
# for it: a client that got one and then loses its connection is recovered like any other.
#
# What happens: the server appends an offset to the events that it keeps, as their last argument; the client takes
# whatever string ends an event for that offset, also the text of a volatile event, which carries none. It then asks to
# be recovered from "noon", and the server, which does not know that offset, gives it a fresh session. The same event
# with an object in place of the string does no harm.
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
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';

/** Whether a client is recovered that lost its connection after `news` and what `tell` sent. */
async function recovers(tell) {
  const http = createServer();
  const io = new Server(http, { connectionStateRecovery: {} });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = connect(`http://127.0.0.1:${http.address().port}`, {
    transports: ['websocket'],
    reconnectionDelay: 10,
  });
  await once(client, 'connect');
  const heard = async (name, send) => {
    const event = once(client, name);
    send();
    await event;
  };
  await heard('news', () => io.emit('news', 'kept'));
  if (tell) await heard('tick', () => tell(io));
  const again = once(client, 'connect');
  client.io.engine.close();
  await again;
  client.close();
  io.close();
  return client.recovered;
}

const seen = {
  'no volatile event': await recovers(null),
  'a volatile event that ends in an object': await recovers((io) => io.volatile.emit('tick', { at: 'noon' })),
  'a volatile event that ends in a string': await recovers((io) => io.volatile.emit('tick', 'noon')),
};
for (const [what, recovered] of Object.entries(seen)) console.log(`${what}: recovered ${recovered}`);
process.exit(JSON.stringify(Object.values(seen)) === '[true,true,false]' ? 0 : 1);
JS
timeout 60 node try.mjs
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
