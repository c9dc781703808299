#!/bin/bash
# Finding: over long-polling, official clients send more at once than the server has announced to take, and lose it all.
#
# Packages: socket.io 4.8.1, engine.io 6.6.4, socket.io-client 4.8.1 and engine.io-client 6.6.3 from npm, and
# python3-socketio 5.7.2, python3-engineio 4.3.4 and python3-aiohttp 3.8.4 of Debian 12.
#
# One would guess: the server tells each client its `maxPayload` (1,000,000 bytes), so that a client that polls puts no
# more than that into one POST. Many events in a row then take several POSTs, and only a single event may be too large.
#
# What happens: JavaScript's client counts bytes as 1.33 times as many letters of base64; in truth it is four thirds. Ten
# events of 75,000 bytes go out as one POST of some hundred letters too many, which is refused, and the connection ends.
# Nine of them arrive, ten of 74,800 bytes, and any number of texts; but with an event of no bytes at all among them, which
# makes its sum "not a number", it puts all that waits into one POST. Python's client does not look at `maxPayload` at
# all: twenty texts of 60,000 letters are one POST. JavaScript reconnects without the events; Python takes itself for
# connected.
set -u
folder=$(mktemp -d) || exit 2
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder" || exit 2
for wanted in python3-socketio=5.7.2 python3-engineio=4.3.4 python3-aiohttp=3.8.4; do
  package=${wanted%=*}
  found=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)
  case "$found" in
    "${wanted#*=}"*) echo "$package $found" ;;
    *) echo "this needs $wanted of Debian 12 (apt install $package), found '${found:-none}'"; exit 2 ;;
  esac
done
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund socket.io@4.8.1 engine.io@6.6.4 socket.io-client@4.8.1 engine.io-client@6.6.3 \
  >npm.log 2>&1 || { cat npm.log; exit 2; }
for package in socket.io engine.io socket.io-client engine.io-client; do
  echo "$package $(node -p "JSON.parse(require('fs').readFileSync('node_modules/$package/package.json')).version")"
done

cat >server.mjs <<'JS'
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http);
const counts = {}; // by the name in the query: events, and connections that have ended
io.on('connection', (socket) => {
  const count = (counts[socket.handshake.query.name] ??= { events: 0, ended: 0 });
  socket.on('part', () => count.events++);
  socket.on('disconnect', () => count.ended++);
});
http.on('request', (request, answer) => {
  if (request.url.startsWith('/counts?')) answer.end(JSON.stringify(counts[request.url.slice(8)] ?? {}));
});
http.listen(0, '127.0.0.1', () => writeFileSync('port', `${http.address().port}\n`));
JS
node server.mjs &
server=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done

cat >try.mjs <<'JS'
import { once } from 'node:events';
import { io as connect } from 'socket.io-client';

const url = `http://127.0.0.1:${process.argv[2]}`;
const cases = [
  ['9 events of 75,000 bytes', 9, Buffer.alloc(75000), [9, 0]],
  ['10 events of 74,800 bytes', 10, Buffer.alloc(74800), [10, 0]],
  ['10 events of 75,000 bytes', 10, Buffer.alloc(75000), [0, 1]],
  ['40 events of 75,000 letters', 40, 'x'.repeat(75000), [40, 0]],
  ['1 of no bytes, and 39 of these', 40, 'x'.repeat(75000), [0, 1], Buffer.alloc(0)],
];
let changed = false;
for (const [i, [what, count, part, expected, first = part]] of cases.entries()) {
  const query = { name: `js${i}` };
  const client = connect(url, { transports: ['polling'], forceNew: true, reconnectionDelay: 10, query });
  await once(client, 'connect');
  for (let n = 0; n < count; ++n) client.emit('part', n === 0 ? first : part);
  let seen;
  do {
    await new Promise((next) => setTimeout(next, 50));
    seen = await (await fetch(`${url}/counts?js${i}`)).json();
  } while (seen.events < count && !seen.ended);
  const same = seen.events === expected[0] && seen.ended === expected[1];
  changed ||= !same;
  const told = `arrived: ${String(seen.events).padEnd(2)} | connections lost: ${seen.ended}`;
  console.log(`JavaScript, ${what.padEnd(30)} | ${told}${same ? '' : '   (has changed)'}`);
  client.close();
}
process.exit(changed ? 1 : 0);
JS
timeout 60 node try.mjs "$(cat port)"
status=$?

timeout 60 /usr/bin/python3 -B - "$(cat port)" <<'PYTHON'
import asyncio
import json
import logging
import os
import sys
import urllib.request

import socketio

logging.disable(logging.CRITICAL)
url = f"http://127.0.0.1:{sys.argv[1]}"


def counts(name):
    with urllib.request.urlopen(f"{url}/counts?{name}") as answer:
        return json.load(answer)


async def run(count):
    """What the server has got of so many texts of 60,000 letters, and what the client makes of that."""
    client = socketio.AsyncClient()
    lost = []
    client.on("disconnect", lambda: lost.append(True))
    await client.connect(f"{url}?name=py{count}", transports=["polling"])
    for _ in range(count):
        await client.emit("part", "x" * 60000)
    while True:
        await asyncio.sleep(0.05)
        seen = counts(f"py{count}")
        if seen["events"] >= count or seen["ended"]:
            break
    await asyncio.sleep(2)  # time to notice
    return seen["events"], seen["ended"], client.connected and not lost


async def main():
    changed = False
    for count, expected in {16: (16, 0, True), 20: (0, 1, True)}.items():
        events, ended, connected = await run(count)
        same = (events, ended, connected) == expected
        changed = changed or not same
        what = f"{count} events of 60,000 letters"
        print(f"Python,     {what:30} | arrived: {events:<2} | connections lost: {ended}, the client says: "
              f"{'connected' if connected else 'disconnected'}{'' if same else '   (has changed)'}", flush=True)
    os._exit(1 if changed else 0)


asyncio.run(main())
PYTHON
python_status=$?
[ $status -ne 0 ] || status=$python_status
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
