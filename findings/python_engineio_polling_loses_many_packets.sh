#!/bin/bash
# Finding: python-socketio's client loses an answer to its poll that holds more than 16 packets, and with it the session.
#
# Packages: python3-socketio 5.7.2 and python3-engineio 4.3.4 of Debian 12, against socket.io 4.8.1 from npm.
#
# One would guess: a polling client takes what the server's answer holds. The protocol sets no number of packets, and the
# handshake's `maxPayload`, in bytes, is the only limit that the two sides agree on.
#
# What happens: python-engineio's limit of 16 packets a payload, which protects a server from its clients, holds for the
# client too. Socket.IO's own server puts everything that has been emitted since the last poll into one answer: after 40
# events in a row the client ends the session and reconnects, and nearly all of them are lost. With WebSocket all arrive.
set -u
folder=$(mktemp -d) || exit 2
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder" || exit 2
for wanted in python3-socketio=5.7.2 python3-engineio=4.3.4; do
  package=${wanted%=*}
  found=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)
  case "$found" in
    "${wanted#*=}"*) echo "$package $found" ;;
    *) echo "this needs $wanted of Debian 12 (apt install $package), found '${found:-none}'"; exit 2 ;;
  esac
done
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund socket.io@4.8.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
echo "socket.io $(node -p "require('./node_modules/socket.io/package.json').version")"

cat >server.mjs <<'JS'
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http);
io.on('connection', (socket) => {
  socket.on('burst', (count) => {
    for (let i = 0; i < count; i++) socket.emit('item', i);
  });
});
http.listen(0, '127.0.0.1', () => writeFileSync('port', `${http.address().port}\n`));
JS
node server.mjs &
server=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done

timeout 60 /usr/bin/python3 -B - "http://127.0.0.1:$(cat port)" <<'PYTHON'
import asyncio
import logging
import os
import sys
import time

import socketio

logging.disable(logging.CRITICAL)
SETTINGS = {"reconnection_delay": 0.2, "randomization_factor": 0}


def run_sync(transport, count):
    client = socketio.Client(**SETTINGS)
    items, ends = [], []
    client.on("item", items.append)
    client.on("disconnect", lambda: ends.append(1))
    client.connect(sys.argv[1], transports=[transport])
    client.emit("burst", count)
    time.sleep(2)
    return len(items), len(ends), client.connected


async def run_async(transport, count):
    client = socketio.AsyncClient(**SETTINGS)
    items, ends = [], []

    async def on_item(item):
        items.append(item)

    async def on_disconnect():
        ends.append(1)

    client.on("item", on_item)
    client.on("disconnect", on_disconnect)
    await client.connect(sys.argv[1], transports=[transport])
    await client.emit("burst", count)
    await asyncio.sleep(2)
    return len(items), len(ends), client.connected


RUNS = {"sync": run_sync, "async": lambda transport, count: asyncio.run(run_async(transport, count))}
changed = False
for kind, run in RUNS.items():
    for transport, count in (("websocket", 40), ("polling", 10), ("polling", 40)):
        heard, ended, connected = run(transport, count)
        breaks = transport == "polling" and count > 16
        same = connected and (heard < count and ended == 1 if breaks else heard == count and ended == 0)
        changed = changed or not same
        session = "a new session" if ended else "the same session"
        print(f"{kind:5} {transport:9} | {count} events in a row: {heard} arrive, then {session if connected else 'none'}"
              + ("" if same else "   (has changed)"), flush=True)
os._exit(1 if changed else 0)
PYTHON
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
