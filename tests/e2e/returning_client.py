"""A python-socketio client: returning_client.py sync|async polling|websocket URL ROOM AUTH

Joins the room whenever it is connected, and prints a line for each thing that happens to it: `joined`
or `disconnect`. The line `away` or `returning` answers each line of its input: whether it is connected, or
about to connect again by itself, or has done with the server. Over WebSocket the line `oversized`
makes it send an event over maxPayload, and `misplaced` an Engine.IO packet that only servers send.
"""

import asyncio
import json
import sys
import threading

import socketio

HOW = {"reconnection_delay": 0.1, "reconnection_delay_max": 0.2, "randomization_factor": 0}


TOO_MUCH = "x" * 1_100_000
ONLY_SERVERS_SEND = "6"


def tell(word):
    print(word, flush=True)


def standing(client):
    returning = client.connected or client._reconnect_task is not None
    tell("returning" if returning else "away")


def run_sync(transport, url, room, auth):
    client = socketio.Client(**HOW)
    ended = None

    def on_disconnect():
        nonlocal ended
        ended = client.eio.read_loop_task
        tell("disconnect")

    client.on("disconnect", on_disconnect)
    client.on("connect", lambda: client.emit("join_room", {"room": room}, callback=lambda *_: tell("joined")))
    client.connect(url, transports=[transport], auth=json.loads(auth), wait_timeout=30)
    for line in sys.stdin:
        match line.strip():
            case "oversized":
                client.emit("send_message", TOO_MUCH)
            case "misplaced":
                client.eio.ws.send(ONLY_SERVERS_SEND)
            case _:
                ended.join()  # only then has it decided
                standing(client)


async def run_async(transport, url, room, auth):
    client = socketio.AsyncClient(**HOW)
    ended = None

    async def on_connect():
        await client.emit("join_room", {"room": room}, callback=lambda *_: tell("joined"))

    async def on_disconnect():
        nonlocal ended
        ended = client.eio.read_loop_task
        tell("disconnect")

    client.on("connect", on_connect)
    client.on("disconnect", on_disconnect)
    await client.connect(url, transports=[transport], auth=json.loads(auth), wait_timeout=30)
    loop = asyncio.get_running_loop()

    async def obey(line):
        match line.strip():
            case "oversized":
                await client.emit("send_message", TOO_MUCH)
            case "misplaced":
                await client.eio.ws.send_str(ONLY_SERVERS_SEND)
            case _:
                await asyncio.wait([ended])  # only then has it decided
                standing(client)

    def listen():
        for line in sys.stdin:
            asyncio.run_coroutine_threadsafe(obey(line), loop)

    threading.Thread(target=listen, daemon=True).start()
    await asyncio.Event().wait()


kind, *rest = sys.argv[1:]
if kind == "sync":
    run_sync(*rest)
else:
    asyncio.run(run_async(*rest))
