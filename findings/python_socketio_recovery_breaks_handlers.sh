#!/bin/bash
# Finding: once a Node server has connection state recovery, python-socketio's handlers fail, though they do not use it.
#
# Packages: python3-socketio 5.7.2 and python3-websocket 1.2.3 of Debian 12, against socket.io 4.8.1 and socket.io-adapter
# 2.5.5 from npm.
#
# One would guess: `connectionStateRecovery` of the server changes nothing for a client that does not know it; whoever
# wants to be recovered asks for it.
#
# What happens: the server appends an offset to the events that it keeps, whoever gets them. JavaScript's handlers ignore
# an argument too many; those of Python raise TypeError in a thread of their own, and the event is lost. Events that
# expect an ack have no offset, so the same handler may get one argument or two; one that takes `*args` works with both.
set -u
folder=$(mktemp -d) || exit 2
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder" || exit 2
for wanted in python3-socketio=5.7.2 python3-websocket=1.2.3; do
  package=${wanted%=*}
  found=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)
  case "$found" in
    "${wanted#*=}"*) echo "$package $found" ;;
    *) echo "this needs $wanted of Debian 12 (apt install $package), found '${found:-none}'"; exit 2 ;;
  esac
done
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund socket.io@4.8.1 socket.io-adapter@2.5.5 >npm.log 2>&1 ||
  { cat npm.log; exit 2; }
for package in socket.io socket.io-adapter; do
  echo "$package $(node -p "JSON.parse(require('fs').readFileSync('node_modules/$package/package.json')).version")"
done

cat >server.mjs <<'JS'
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { Server } from 'socket.io';

async function serve(options) {
  const http = createServer();
  const io = new Server(http, options);
  io.on('connection', (socket) => {
    socket.on('go', () => {
      socket.emit('one', 1);
      io.emit('all', 1);
      socket.emit('nothing');
      socket.emit('asked', 1, () => socket.emit('end', 1));
    });
  });
  await new Promise((done) => http.listen(0, '127.0.0.1', done));
  return http.address().port;
}
writeFileSync('ports', `${await serve({})} ${await serve({ connectionStateRecovery: {} })}\n`);
JS
node server.mjs &
server=$!
for _ in $(seq 100); do [ -s ports ] && break; sleep 0.1; done

read -r plain recovering <ports
timeout 60 /usr/bin/python3 -B - "$plain" "$recovering" <<'PYTHON'
import logging
import os
import sys
import threading

import socketio

logging.disable(logging.CRITICAL)
errors = []
threading.excepthook = lambda failure: errors.append(failure.exc_type.__name__)


def run(port):
    """The events whose handlers were called, and the errors."""
    client = socketio.Client()
    called, ended = [], threading.Event()

    def on(name, handler):
        client.on(name, handler)

    on("one", lambda number: called.append("one"))
    on("all", lambda number: called.append("all"))
    on("nothing", lambda: called.append("nothing"))
    on("asked", lambda number: called.append("asked") or "answer")
    on("end", lambda *arguments: ended.set())
    client.connect(f"http://127.0.0.1:{port}", transports=["websocket"])
    errors.clear()
    client.emit("go")
    ended.wait(20)
    for thread in threading.enumerate():  # until the handlers have ended
        if "_handle_eio_message" in thread.name:
            thread.join(20)
    found = sorted(called), sorted(errors)
    client.disconnect()
    return found


without, with_recovery = [run(port) for port in sys.argv[1:3]]
for what, (called, failed) in {"without recovery": without, "with recovery": with_recovery}.items():
    print(f"{what:16} | called: {' '.join(called):21} | failed: {' '.join(failed) or '-'}", flush=True)
same = without == (["all", "asked", "nothing", "one"], []) and with_recovery == (["asked"], ["TypeError"] * 3)
os._exit(0 if same else 1)
PYTHON
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
