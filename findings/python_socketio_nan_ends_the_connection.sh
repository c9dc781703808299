#!/bin/bash
# Finding: one NaN or infinity in an event of a python-socketio client costs it its connection to Socket.IO's server.
#
# Packages: python3-socketio 5.7.2 and python3-engineio 4.3.4 of Debian 12, against socket.io 4.8.1 from npm.
#
# One would guess: what JSON cannot say is refused where it is emitted, as bytes in a tuple are, or becomes null, as it
# does in the JavaScript client. At worst the one event is lost.
#
# What happens: emit() succeeds and sends the word NaN, which is not JSON. The server takes that for a broken client and
# closes the connection, with all namespaces and whatever was under way. Over WebSocket the client reconnects, as a new
# session; over polling it stays away.
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
  socket.on('measured', (value, tell) => tell(String(value)));
});
http.listen(0, '127.0.0.1', () => writeFileSync('port', `${http.address().port}\n`));
JS
node server.mjs &
server=$!
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done

timeout 60 /usr/bin/python3 -B - "http://127.0.0.1:$(cat port)" <<'PYTHON'
import asyncio
import logging
import math
import os
import sys
import time

import socketio

logging.disable(logging.CRITICAL)
SETTINGS = {"reconnection_delay": 0.2, "randomization_factor": 0}


def run_sync(transport, value):
    client = socketio.Client(**SETTINGS)
    events = []
    for name in ("connect", "disconnect"):
        client.on(name, lambda name=name: events.append(name))
    client.connect(sys.argv[1], transports=[transport])
    client.emit("measured", value, callback=lambda answer: events.append(f"acked {answer}"))
    time.sleep(2)
    return ", ".join(events)


async def run_async(transport, value):
    client = socketio.AsyncClient(**SETTINGS)
    events = []

    def note(name):
        async def handler():
            events.append(name)

        return handler

    async def acked(answer):
        events.append(f"acked {answer}")

    for name in ("connect", "disconnect"):
        client.on(name, note(name))
    await client.connect(sys.argv[1], transports=[transport])
    await client.emit("measured", value, callback=acked)
    await asyncio.sleep(2)
    return ", ".join(events)


RUNS = {"sync": run_sync, "async": lambda transport, value: asyncio.run(run_async(transport, value))}
changed = False
for kind, run in RUNS.items():
    for transport, value in (("websocket", 1.5), ("websocket", math.nan), ("websocket", math.inf), ("polling", math.nan)):
        seen = run(transport, value)
        expected = "connect, acked 1.5"
        if not math.isfinite(value):
            expected = "connect, disconnect, connect" if transport == "websocket" else "connect, disconnect"
        changed = changed or seen != expected
        print(f"{kind:5} {transport:9} | {value}: {seen}{'' if seen == expected else f'   (was: {expected})'}", flush=True)
os._exit(1 if changed else 0)
PYTHON
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
