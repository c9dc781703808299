"""A chat client as people write it for FastAPI with python-socketio: AsyncClient, join with an ack,
messages posted over HTTP with aiohttp."""

import asyncio
import logging
import unittest

import aiohttp
import socketio

from chat_server import DEADLINE, SEVERAL, TRANSPORTS, ChatServer

server = None


def setUpModule():
    global server
    server = ChatServer()


def tearDownModule():
    assert server.stop() == 0, "the server's exit code"


class ChatClient:
    """Connects, keeps what it hears in one queue an event."""

    EVENTS = ("new_message", "user_joined", "user_left", "typing", "error", "connect_error")

    def __init__(self):
        self.heard = {event: asyncio.Queue() for event in self.EVENTS}
        self.sio = socketio.AsyncClient(reconnection=False)
        for event in self.EVENTS:
            self.sio.on(event, self.heard[event].put)

    async def connect(self, username, transports, **options):
        auth = {"username": username}
        options = {"wait_timeout": DEADLINE, **options}
        await self.sio.connect(server.url, auth=auth, transports=transports, **options)

    async def next(self, event):
        return await asyncio.wait_for(self.heard[event].get(), DEADLINE)

    async def call(self, event, payload):
        return await self.sio.call(event, payload, timeout=DEADLINE)


class FastApiStyleChat(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.http = aiohttp.ClientSession(server.url)
        self.addAsyncCleanup(self.http.close)

    async def connect(self, username, transports):
        client = ChatClient()
        await client.connect(username, transports)
        self.addAsyncCleanup(client.sio.disconnect)
        return client

    async def post(self, path, payload):
        async with self.http.post(path, json=payload) as answer:
            return answer.status, await answer.json()

    async def test_a_join_is_acked_and_a_posted_message_arrives(self):
        for name, transports in TRANSPORTS.items():
            with self.subTest(name):
                room = f"posts over {name}"
                alice = await self.connect("alice", transports)
                ack = await alice.call("join", {"room": room})
                self.assertTrue(ack["ok"])
                self.assertEqual((ack["room"]["name"], ack["messages"]), (room, []))
                payload = {"room": room, "username": "carol", "content": "posted"}
                for path in ("/messages/", "/messages"):
                    status, message = await self.post(path, payload)
                    self.assertEqual(status, 201)
                    self.assertEqual(await alice.next("new_message"), message)
                payload = {"room_id": ack["room"]["id"], "content": "by number"}
                status, message = await self.post("/messages/", payload)
                self.assertEqual((status, message["username"]), (201, "anonymous"))
                self.assertEqual(await alice.next("new_message"), message)
                expected = "websocket" if transports is None else transports[0]
                self.assertEqual(alice.sio.transport(), expected)

    async def test_two_people_join_talk_leave_and_come_back(self):
        for name, transports in TRANSPORTS.items():
            with self.subTest(name):
                room = f"talk over {name}"
                alice = await self.connect("alice", transports)
                bob = await self.connect("bob", transports)
                await alice.call("join", {"room": room})
                await bob.call("join", {"room": room})
                self.assertEqual((await alice.next("user_joined"))["user_id"], "bob")
                sent = (await bob.call("send_message", {"room": room, "text": "Grüße"}))["message"]
                self.assertEqual(await alice.next("new_message"), sent)
                self.assertEqual(await bob.call("leave", {"room": room}), {"ok": True})
                self.assertEqual((await alice.next("user_left"))["reason"], "leave")
                missed = await alice.call("send_message", {"room": room, "content": "gone?"})
                heard = (await bob.call("join", room))["messages"]
                if SEVERAL and len(heard) == 1:  # bob's server heard of the other after the join
                    heard.append(await bob.next("new_message"))
                self.assertEqual(heard, [sent, missed["message"]])
                self.assertTrue(bob.heard["new_message"].empty())

    async def test_a_failed_event_is_told_in_its_ack(self):
        for name, transports in TRANSPORTS.items():
            with self.subTest(name):
                alice = await self.connect("alice", transports)
                ack = await alice.call("send_message", {"room": "nowhere", "content": "x"})
                self.assertFalse(ack["ok"])
                self.assertEqual(ack["error"]["code"], "not_found")
                ack = await alice.call("no such event", b"with bytes")
                self.assertEqual(ack["error"]["code"], "unknown_event")

    async def test_an_unusable_name_is_refused_at_the_handshake(self):
        for name, transports in TRANSPORTS.items():
            with self.subTest(name):
                client = ChatClient()
                self.addAsyncCleanup(client.sio.disconnect)
                await client.connect("", transports, wait=False)
                error = await client.next("connect_error")
                self.assertEqual(error["message"], "bad_request")
                self.assertEqual(error["data"]["code"], "bad_request")

    async def test_forty_messages_waiting_for_one_poll_arrive_in_order(self):
        # python-engineio refuses a payload of more than 16 packets.
        for name, transports in TRANSPORTS.items():
            with self.subTest(name):
                room = f"burst over {name}"
                alice = await self.connect("alice", transports)
                room_id = (await alice.call("join", {"room": room}))["room"]["id"]
                for i in range(40):
                    await self.post(f"/api/messages/{room_id}", {"content": f"m{i}"})
                heard = [(await alice.next("new_message"))["content"] for _ in range(40)]
                self.assertEqual(heard, [f"m{i}" for i in range(40)])


if __name__ == "__main__":
    # The client libraries leave sockets and sessions to the garbage collector.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    unittest.main(warnings="ignore")
