#!/bin/bash
# Finding: python-socketio's client runs the handlers of one connection at once, so a later event is handled earlier.
#
# Packages: python3-socketio 5.7.2 and python3-engineio 4.3.4 of Debian 12, against socket.io 4.8.1 from npm.
#
# One would guess: events arrive in order and are handled in order: the handler of the second event begins when that of
# the first has ended, at least in the synchronous client, whose handlers are plain functions.
#
# What happens: each packet is handled in a thread of its own (a task of its own in the asynchronous client). If the
# first event takes 0.4 s, and the third no time, the third is done first, and its ack is sent first. What handlers
# share needs a lock even in the synchronous client, and what needs the order of the server needs a queue.
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
const acks = [];
io.on('connection', (socket) => {
  socket.on('go', () => {
    acks.length = 0;
    for (const n of [1, 2, 3]) socket.emit('item', n, () => acks.push(n));
  });
  socket.on('acks', (tell) => tell(acks.join(' ')));
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


def run_sync():
    client = socketio.Client()
    done = []

    def on_item(n):
        time.sleep((3 - n) * 0.2)
        done.append(n)

    client.on("item", on_item)
    client.connect(sys.argv[1], transports=["websocket"])
    client.emit("go")
    time.sleep(2)
    return done, client.call("acks")


async def run_async():
    client = socketio.AsyncClient()
    done = []

    async def on_item(n):
        await asyncio.sleep((3 - n) * 0.2)
        done.append(n)

    client.on("item", on_item)
    await client.connect(sys.argv[1], transports=["websocket"])
    await client.emit("go")
    await asyncio.sleep(2)
    acks = await client.call("acks")
    await client.disconnect()
    return done, acks


changed = False
for kind, run in {"sync": run_sync, "async": lambda: asyncio.run(run_async())}.items():
    done, acks = run()
    same = done == [3, 2, 1] and acks == "3 2 1"
    changed = changed or not same
    print(f"{kind:5} | emitted: 1 2 3 | handled: {' '.join(map(str, done))} | acked: {acks}{'' if same else '   (has changed)'}",
          flush=True)
os._exit(1 if changed else 0)
PYTHON
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
