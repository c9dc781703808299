#!/bin/bash
# Finding: python-socketio never comes back after an Engine.IO close packet, nor after a refused POST.
#
# Library: python3-socketio 5.7.2 and python3-engineio 4.3.4, as Debian 12 has them, with reconnection on (the default).
#
# One would guess: however a server ends a connection, the client says that it was disconnected and, since its user did
# not ask for the end, connects again. Socket.IO's JavaScript client does, whether the server closes the WebSocket,
# sends the close packet `1` first, or answers a poll with it or with an error.
#
# What happens: the close packet is handled by the same function as the user's own `disconnect()`, so the client takes
# leave for good. It comes back from a WebSocket that closes without `1`, and from a poll that is answered with an
# error in its place. Worse, a POST that is answered with an error (a session that the server has just ended) resets
# the client without the event `disconnect`: it is gone, and nobody is told.
#
# The server below is forty lines of Python's standard library, and speaks valid Engine.IO 4 and Socket.IO 5.
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
import queue
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlparse

import socketio

OPEN = {"sid": "one", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000, "maxPayload": 100000}
GREETING = "0" + json.dumps(OPEN)
JOINED = "40" + json.dumps({"sid": "two"})


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.connects = 0
        self.polled = threading.Event()  # a poll waits
        self.refuse_posts = False
        self.out = queue.Queue()  # what the waiting poll or the WebSocket is told: (status, text)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, text):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        query = parse_qs(urlparse(self.path).query)
        if query["transport"] == ["websocket"]:
            self.serve_websocket()
        elif "sid" not in query:
            self.server.out = queue.Queue()
            self.answer(200, GREETING)
        else:
            out = self.server.out
            if out.empty():
                self.server.polled.set()
            self.answer(*out.get())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.server.refuse_posts:
            self.answer(400, '{"code":1,"message":"Session ID unknown"}')
            return
        if body.startswith("40"):
            self.server.connects += 1
            self.server.polled.clear()
            self.server.out.put((200, JOINED))
        self.answer(200, "ok")

    def serve_websocket(self):
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        self.send_frame(GREETING.encode())
        self.rfile.read(2 + 4 + len("40{}"))  # the CONNECT, masked
        self.server.connects += 1
        self.send_frame(JOINED.encode())
        self.server.polled.set()
        _, text = self.server.out.get()
        if text:
            self.send_frame(text.encode())
        self.wfile.write(b"\x88\x02\x03\xe9")  # a close frame: 1001, going away
        self.close_connection = True

    def send_frame(self, data):
        size = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
        self.wfile.write(b"\x81" + size + data)


def end(server, how):
    assert server.polled.wait(10), "the client waits for the server"
    if how == "POST refused":
        server.refuse_posts = True
        return
    server.out.put({"1": (200, "1"), "503": (503, "stopping"), "close": (200, "")}[how])


def outcome(server, told):
    """Whether the client comes back (at most 4 s; its first try is after less than 1.5) and was told."""
    for _ in range(40):
        if server.connects > 1:
            return "comes back", told()
        time.sleep(0.1)
    return "never comes back", told()


SETTINGS = {"reconnection_delay": 0.2, "randomization_factor": 0, "logger": False, "engineio_logger": False}


def run_sync(transport, how):
    server = Server()
    client = socketio.Client(**SETTINGS)
    events = []
    client.on("disconnect", lambda: events.append("disconnect"))
    client.connect(server.url, transports=[transport])
    end(server, how)
    if how == "POST refused":
        client.emit("hello")
        time.sleep(1)  # the refusal is handled; then the poll ends as well
        server.refuse_posts = False
        server.out.put((503, "stopping"))
    return outcome(server, lambda: bool(events))


async def run_async(transport, how):
    server = Server()
    client = socketio.AsyncClient(**SETTINGS)
    events = []

    async def on_disconnect():
        events.append("disconnect")

    client.on("disconnect", on_disconnect)
    await client.connect(server.url, transports=[transport])
    await asyncio.to_thread(end, server, how)
    if how == "POST refused":
        await client.emit("hello")
        await asyncio.sleep(1)
        server.refuse_posts = False
        server.out.put((503, "stopping"))
    return await asyncio.to_thread(outcome, server, lambda: bool(events))


logging.disable(logging.CRITICAL)
EXPECTED = {
    ("websocket", "close"): ("comes back", True),
    ("websocket", "1"): ("never comes back", True),
    ("polling", "503"): ("comes back", True),
    ("polling", "1"): ("never comes back", True),
    ("polling", "POST refused"): ("never comes back", False),
}
changed = False
for (transport, how), expected in EXPECTED.items():
    for kind, run in {"sync": run_sync, "async": lambda t, h: asyncio.run(run_async(t, h))}.items():
        seen = run(transport, how)
        changed = changed or seen != expected
        told = "disconnect was told" if seen[1] else "no disconnect was told"
        mark = "" if seen == expected else f"   (was: {expected})"
        print(f"{kind:5} {transport:9} the server's end: {how:12}  {seen[0]}, {told}{mark}", flush=True)
print("the behaviour has changed" if changed else "as described")
sys.stdout.flush()
os._exit(1 if changed else 0)  # clients that never come back leave threads that wait
PYTHON
