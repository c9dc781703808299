"""A python-socketio client: returning_client.py sync|async polling|websocket URL ROOM AUTH

Joins the room whenever it is connected, and prints a line for each thing that happens to it: `joined`
or `disconnect`. The line `away` or `returning` answers each line of its input: whether it is connected, or
about to connect again by itself, or has done with the server.
"""

import asyncio
import json
import sys
import threading

import socketio

HOW = {"reconnection_delay": 0.1, "reconnection_delay_max": 0.2, "randomization_factor": 0}


def tell(word):
    print(word, flush=True)


def standing(client):
    returning = client.connected or client._reconnect_task is not None
    tell("returning" if returning else "away")


def run_sync(transport, url, room, auth):
    client = socketio.Client(**HOW)
    client.on("disconnect", lambda: tell("disconnect"))
    client.on("connect", lambda: client.emit("join_room", {"room": room}, callback=lambda *_: tell("joined")))
    client.connect(url, transports=[transport], auth=json.loads(auth), wait_timeout=30)
    for _ in sys.stdin:
        standing(client)


async def run_async(transport, url, room, auth):
    client = socketio.AsyncClient(**HOW)

    async def on_connect():
        await client.emit("join_room", {"room": room}, callback=lambda *_: tell("joined"))

    async def on_disconnect():
        tell("disconnect")

    client.on("connect", on_connect)
    client.on("disconnect", on_disconnect)
    await client.connect(url, transports=[transport], auth=json.loads(auth), wait_timeout=30)
    loop = asyncio.get_running_loop()

    def listen():
        for _ in sys.stdin:
            loop.call_soon_threadsafe(standing, client)

    threading.Thread(target=listen, daemon=True).start()
    await asyncio.Event().wait()


kind, *rest = sys.argv[1:]
if kind == "sync":
    run_sync(*rest)
else:
    asyncio.run(run_async(*rest))
