#!/bin/bash
# Finding: RedisManager.emit(…, to=room) of python-socketio 5.7.2 reaches everybody instead of the room.
#
# Packages: python3-socketio 5.7.2, python3-redis 4.3.4, python3-aiohttp 3.8.4 and redis-server 7.0 of Debian 12.
#
# One would guess: a worker without a server writes the same line as the server does, `emit("job_done", data, to=sid)`,
# since the manager's emit() takes "the parameters of the server's", and of these `to` is the one that is recommended.
# A manager that does not know `to` would refuse it, as Python does with unknown arguments.
#
# What happens: the manager's emit() knows only `room`, and accepts any other argument without looking at it. An event
# for one client goes to all clients, without a warning. It is the same with AsyncRedisManager and the other managers.
# Versions from 5.11.4 (2024) know `to`.
set -u
folder=$(mktemp -d) || exit 2
redis=
trap '[ -n "$redis" ] && kill "$redis" 2>/dev/null; rm -rf "$folder"' EXIT
cd "$folder" || exit 2
for wanted in python3-socketio=5.7.2 python3-redis=4.3.4 python3-aiohttp=3.8.4 redis-server=5:7.0.; do
  package=${wanted%%=*}
  found=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)
  case "$found" in
    "${wanted#*=}"*) echo "$package $found" ;;
    *) echo "this needs $wanted of Debian 12 (apt install $package), found '${found:-none}'"; exit 2 ;;
  esac
done
redis-server --port 0 --unixsocket "$folder/redis" --save '' --dir "$folder" >redis.log 2>&1 &
redis=$!
for _ in $(seq 50); do [ -S redis ] && break; sleep 0.1; done

timeout 60 /usr/bin/python3 -B - "unix://$folder/redis" <<'PYTHON'
import asyncio
import os
import sys

import redis
import socketio
from aiohttp import web


async def client_of(url, name):
    """A client whose server puts it into the room of its name, with what it hears until "end"."""
    client = socketio.AsyncClient()
    heard, ended = [], asyncio.Event()
    client.on("job_done", heard.append)
    client.on("end", ended.set)
    await client.connect(url, auth={"name": name}, transports=["websocket"])
    return client, heard, ended


async def main():
    server = socketio.AsyncServer(async_mode="aiohttp", client_manager=socketio.AsyncRedisManager(sys.argv[1]))
    app = web.Application()
    server.attach(app)

    @server.on("connect")
    async def on_connect(sid, environ, auth):
        server.enter_room(sid, auth["name"])

    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = "http://127.0.0.1:%d" % runner.addresses[0][1]
    ann, ben = await client_of(url, "ann"), await client_of(url, "ben")
    redis_client = redis.Redis.from_url(sys.argv[1])
    while not dict(redis_client.pubsub_numsub("socketio")).get(b"socketio"):
        await asyncio.sleep(0.05)  # until the server listens

    worker = socketio.RedisManager(sys.argv[1], write_only=True)
    asynchronous = socketio.AsyncRedisManager(sys.argv[1], write_only=True)
    await server.emit("job_done", "server, to=ann", to="ann")
    worker.emit("job_done", "RedisManager, room=ann", room="ann")
    worker.emit("job_done", "RedisManager, to=ann", to="ann")
    await asynchronous.emit("job_done", "AsyncRedisManager, room=ann", room="ann")
    await asynchronous.emit("job_done", "AsyncRedisManager, to=ann", to="ann")
    await asynchronous.emit("end", None)
    await asyncio.wait_for(asyncio.gather(ann[2].wait(), ben[2].wait()), 20)
    for what in ann[1]:
        print(f"{what:27} | ann hears it{', and ben' if what in ben[1] else ''}")
    same = len(ann[1]) == 5 and ben[1] == ["RedisManager, to=ann", "AsyncRedisManager, to=ann"]
    await ann[0].disconnect()
    await ben[0].disconnect()
    sys.stdout.flush()
    os._exit(0 if same else 1)


asyncio.run(main())
PYTHON
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
