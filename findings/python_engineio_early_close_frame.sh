#!/bin/bash
# Finding: an asynchronous python-socketio client stops reconnecting for ever when one attempt meets a close frame early.
#
# Library: python3-socketio 5.7.2 and python3-engineio 4.3.4, as Debian 12 has them, with reconnection on (the default).
#
# One would guess: a client that is reconnecting goes on trying while the server restarts. An attempt over WebSocket
# whose handshake succeeds, and that is then closed in order before the first packet (a server that is about to stop),
# is one more attempt that failed.
#
# What happens: the synchronous client goes on. The asynchronous one takes the code of the close frame, a number, for
# the packet it waits for, and raises a TypeError that its loop of attempts does not catch: no attempt follows, and the
# user is not told. Where the server ends TCP without a close frame, both go on.
set -u
python=/usr/bin/python3

version() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null; }
for wanted in python3-socketio=5.7.2 python3-engineio=4.3.4; do
  package=${wanted%=*}
  found=$(version "$package")
  case "$found" in
    "${wanted#*=}"*) echo "$package $found" ;;
    *) echo "this needs $wanted of Debian 12 (apt install $package), found '${found:-none}'"; exit 2 ;;
  esac
done

exec "$python" -B - <<'PYTHON'
import asyncio
import base64
import hashlib
import json
import logging
import os
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler

import socketio

OPEN = {"sid": "one", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000, "maxPayload": 100000}
CLOSE_FRAME = b"\x88\x02\x03\xe9"  # 1001, going away


class Server(socketserver.ThreadingTCPServer):
    """The second WebSocket is closed before its first packet, by a close frame or by the end of TCP."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, second):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.second = second
        self.attempts = 0
        self.joined = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.attempts += 1
        attempt = self.server.attempts
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.close_connection = True
        if attempt == 2:
            self.wfile.write(self.server.second)
            return
        self.send_frame("0" + json.dumps(OPEN))
        self.rfile.read(2 + 4 + len("40{}"))  # the CONNECT, masked
        self.send_frame("40" + json.dumps({"sid": "two"}))
        self.server.joined += 1
        if attempt == 1:
            time.sleep(0.5)  # the client is connected; then the server goes away
            self.wfile.write(CLOSE_FRAME)
        else:
            time.sleep(30)

    def send_frame(self, text):
        data = text.encode()
        size = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
        self.wfile.write(b"\x81" + size + data)


def outcome(server):
    for _ in range(50):
        if server.joined > 1:
            return "comes back"
        time.sleep(0.1)
    return f"gives up after {server.attempts - 1} attempt"


SETTINGS = {"reconnection_delay": 0.2, "randomization_factor": 0, "logger": False, "engineio_logger": False}


def run_sync(server):
    client = socketio.Client(**SETTINGS)
    client.connect(server.url, transports=["websocket"])
    return outcome(server)


async def run_async(server):
    client = socketio.AsyncClient(**SETTINGS)
    await client.connect(server.url, transports=["websocket"])
    return await asyncio.to_thread(outcome, server)


logging.disable(logging.CRITICAL)
RUNS = {"sync": run_sync, "async": lambda server: asyncio.run(run_async(server))}
EXPECTED = {
    ("sync", "close frame"): "comes back",
    ("async", "close frame"): "gives up after 1 attempt",
    ("sync", "end of TCP"): "comes back",
    ("async", "end of TCP"): "comes back",
}
changed = False
for (kind, second), expected in EXPECTED.items():
    seen = RUNS[kind](Server(CLOSE_FRAME if second == "close frame" else b""))
    changed = changed or seen != expected
    print(f"{kind:5} its attempt meets: {second:11}  {seen}{'' if seen == expected else f'   (was: {expected})'}", flush=True)
print("the behaviour has changed" if changed else "as described")
sys.stdout.flush()
os._exit(1 if changed else 0)
PYTHON
