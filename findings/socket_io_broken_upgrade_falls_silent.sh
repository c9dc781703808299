#!/bin/bash
# Finding: a JavaScript client whose WebSocket breaks in the middle of the upgrade hears nothing until its ping time-out.
#
# Packages: socket.io-client 4.8.4 and engine.io-client 6.6.8 from npm; ws 8.21.3 for a server of a few lines.
#
# One would guess: if the WebSocket that a client tries to upgrade to is lost, it goes on with long-polling; and if the
# server is gone altogether, the next poll says so, and the client reconnects.
#
# What happens: once the server has answered the probe (`3probe`), the client stops polling as soon as its last poll is
# answered. If the WebSocket ends before that, the upgrade is given up, but polling is not taken up again, and
# `upgrading` stays true (`_probe` in lib/socket.ts: the callback of `pause()` returns, since `failed` is set). The client
# takes itself for connected, receives nothing and sends nothing, until no ping has come for pingInterval + pingTimeout
# (45 s by Socket.IO's defaults). Then it reconnects. A killed server that had answered both is enough, if the client reads
# the end of the one connection before the answer on the other. If the poll is answered first, it reconnects at once.
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund socket.io-client@4.8.4 engine.io-client@6.6.8 ws@8.21.3 >npm.log 2>&1 || { cat npm.log; exit 2; }
for package in socket.io-client engine.io-client ws; do
  echo "$package $(node -p "require('./node_modules/$package/package.json').version")"
done

cat >try.mjs <<'JS'
import { createServer } from 'node:http';
import { once } from 'node:events';
import { io as connect } from 'socket.io-client';
import { WebSocketServer } from 'ws';

const pingInterval = 2000;
const pingTimeout = 1000;

/// Has a client upgrade. After the answer to its probe the WebSocket ends, and its poll is answered, in this order or
/// the other one. Returns why the client left, after how many ms, and how often it had polled since.
async function upgrade(endsFirst) {
  let poll; // the response that the client waits for
  let polls = 0;
  let unsaid = ''; // the answer to CONNECT, until it is given to a poll
  const give = () => {
    if (!unsaid || !poll || poll.writableEnded) return;
    poll.end(unsaid);
    unsaid = '';
  };
  const http = createServer((request, response) => {
    const { searchParams } = new URL(request.url, 'http://localhost');
    if (request.method === 'POST') {
      request.resume();
      response.end('ok');
      unsaid = '40{"sid":"a"}';
      give();
    } else if (searchParams.has('sid')) {
      ++polls;
      poll = response;
      give();
    } else {
      response.end(`0${JSON.stringify({ sid: 's', upgrades: ['websocket'], pingInterval, pingTimeout, maxPayload: 1e6 })}`);
    }
  });
  const websockets = new WebSocketServer({ server: http });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const client = connect(`http://127.0.0.1:${http.address().port}`, { reconnection: false });
  const [websocket] = await once(websockets, 'connection');
  const [probe] = await once(websocket, 'message');
  if (String(probe) !== '2probe') throw new Error(`a probe: ${probe}`);
  if (!client.connected) await once(client, 'connect');
  while (poll.writableEnded) await new Promise(setImmediate); // until it polls again
  polls = 0;
  const start = performance.now();
  const left = new Promise((resolve) => client.once('disconnect', resolve));
  websocket.send('3probe');
  if (endsFirst) {
    const given = once(client.io.engine, 'upgradeError');
    websocket.terminate();
    await given;
    poll.end('6');
  } else {
    const upgraded = once(client.io.engine, 'upgrade');
    poll.end('6');
    await upgraded;
    websocket.terminate();
  }
  const reason = await left;
  const time = Math.round(performance.now() - start);
  client.close();
  websockets.close();
  http.close();
  http.closeAllConnections();
  return { reason, time, polls };
}
const cases = [
  ['the poll is answered, then the WebSocket ends', await upgrade(false)],
  ['the WebSocket ends, then the poll is answered', await upgrade(true)],
];
for (const [what, { reason, time, polls }] of cases)
  console.log(`${what} | ${reason} after ${time} ms, polls meanwhile: ${polls}`);
const [[, usual], [, silent]] = cases;
const isSo = usual.reason === 'transport close' && silent.reason === 'ping timeout' && silent.polls === 0;
process.exit(isSo ? 0 : 1);
JS
timeout 60 node try.mjs
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
