"""A chat client on python3-socketio that another process leads: python_client.py URL OPTIONS.

It reads orders, a line of JSON each, and tells what it hears in the same way and in the order in
which it hears it. It connects again by itself until its input ends."""

import asyncio
import json
import logging
import sys

import socketio

PAUSE = 0.03  # seconds between attempts to connect


class Client:
    def __init__(self, url, options):
        self.url = url
        self.options = options
        self.sio = None
        self.gone = asyncio.Event()

    def tell(self, what, **fields):
        print(json.dumps({"what": what, **fields}), flush=True)

    async def stay_connected(self):
        """One client object a connection, as an application that leads its own reconnection does."""
        while True:
            self.gone = asyncio.Event()
            sio = socketio.AsyncClient(reconnection=False, request_timeout=2)
            heard_of = asyncio.Event()
            sio.on("connect", lambda: self.on_connect(sio, heard_of))
            sio.on("disconnect", lambda gone=self.gone: self.on_disconnect(heard_of, gone))
            sio.on("*", lambda name, *args, heard=heard_of: self.on_event(heard, name, args))
            try:
                await asyncio.wait_for(
                    sio.connect(self.url, **self.options, namespaces=["/"], wait_timeout=2), 5)
                # A connection that ends within `connect` is not told to handlers.
                ends = [asyncio.ensure_future(end) for end in (self.gone.wait(), sio.eio.wait())]
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                for end in ends:
                    end.cancel()
            except (socketio.exceptions.ConnectionError, asyncio.TimeoutError, OSError):
                pass
            except Exception as error:  # what the library did not expect of a network: it is tried again
                print(f"python client: {error!r}", file=sys.stderr)
            self.on_disconnect(heard_of, self.gone)
            self.sio = None
            await self.close(sio)
            await asyncio.sleep(PAUSE)

    async def close(self, sio):
        """What the library leaves behind of a connection that broke."""
        try:
            await asyncio.wait_for(sio.eio.disconnect(abort=True), 1)
        except Exception:
            pass
        if sio.eio.http and not sio.eio.http.closed:
            await sio.eio.http.close()

    def on_connect(self, sio, heard_of):
        self.sio = sio
        heard_of.set()
        self.tell("connect")

    def on_event(self, heard_of, name, args):
        if heard_of.is_set():
            self.tell("event", name=name, args=args)

    def on_disconnect(self, heard_of, gone):
        if heard_of.is_set():
            heard_of.clear()
            self.sio = None
            self.tell("disconnect")
        gone.set()

    async def carry_out(self, order):
        if not self.sio or not self.sio.namespaces:
            return
        if order["do"] == "emit":
            number = order["id"]
            callback = None
            if number is not None:
                sio = self.sio
                callback = lambda answer: sio is self.sio and self.tell(
                    "ack", id=number, answer=answer)
            try:
                await self.sio.emit(order["event"], order["payload"], callback=callback)
            except socketio.exceptions.SocketIOError:
                pass
        elif order["do"] == "drop":
            self.gone.set()
        elif order["do"] == "goodbye":
            await self.sio.disconnect()


async def main():
    client = Client(sys.argv[1], json.loads(sys.argv[2]))
    reader = asyncio.StreamReader(limit=2**20)
    loop = asyncio.get_event_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    connection = asyncio.create_task(client.stay_connected())
    while line := await reader.readline():
        await client.carry_out(json.loads(line))
    connection.cancel()


# The library tells of every task that a broken connection leaves unfinished.
logging.disable(logging.CRITICAL)
asyncio.run(main())
