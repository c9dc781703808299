"""A chat client as people write it for Flask-SocketIO: python-socketio's Client, events without
acks, rooms and history over HTTP with requests."""

import queue
import unittest

import requests
import socketio

from chat_server import DEADLINE, TRANSPORTS, ChatServer

server = None


def setUpModule():
    global server
    server = ChatServer()


def tearDownModule():
    assert server.stop() == 0, "the server's exit code"


class ChatClient:
    """Connects, keeps what it hears in one queue an event."""

    EVENTS = ("new_message", "user_joined", "user_left", "typing", "error")

    def __init__(self, username, transports):
        self.username = username
        self.heard = {event: queue.Queue() for event in self.EVENTS}
        self.sio = socketio.Client()
        for event in self.EVENTS:
            self.sio.on(event, self.heard[event].put)
        self.sio.connect(server.url, transports=transports, wait_timeout=DEADLINE)

    def next(self, event):
        return self.heard[event].get(timeout=DEADLINE)

    def join(self, room):
        self.sio.emit("join_room", {"username": self.username, "room": room})

    def leave(self, room):
        self.sio.emit("leave_room", {"username": self.username, "room": room})

    def say(self, room, text):
        self.sio.emit("send_message", {"username": self.username, "room": room, "message": text})

    def type(self, room, is_typing):
        payload = {"username": self.username, "room": room, "is_typing": is_typing}
        self.sio.emit("typing", payload)

    def close(self):
        # Over polling the library drops what it has not begun to send, the DISCONNECT too: what
        # was said before has to be through.
        if self.sio.connected and (unsent := self.sio.eio.queue):
            with unsent.all_tasks_done:
                unsent.all_tasks_done.wait_for(lambda: not unsent.unfinished_tasks, DEADLINE)
        self.sio.disconnect()


class FlaskStyleChat(unittest.TestCase):
    def connect(self, username, transports):
        client = ChatClient(username, transports)
        self.addCleanup(client.close)
        return client

    def both(self, name, transports):
        """Alice and bob in a new room: its record and the two."""
        answer = requests.post(f"{server.url}/api/rooms", json={"name": name}, timeout=DEADLINE)
        self.assertEqual(answer.status_code, 201)
        alice = self.connect("alice", transports)
        bob = self.connect("bob", transports)
        alice.join(name)
        # What alice says to the room comes back once she is in it.
        alice.say(name, "first")
        self.assertEqual(alice.next("new_message")["content"], "first")
        bob.join(name)
        self.assertEqual(alice.next("user_joined")["username"], "bob")
        return answer.json(), alice, bob

    def history(self, room):
        answer = requests.get(f"{server.url}/api/messages/{room['id']}", timeout=DEADLINE)
        self.assertEqual(answer.status_code, 200)
        return answer.json()["messages"]

    def test_two_people_talk_and_find_their_messages_in_the_history(self):
        for name, transports in TRANSPORTS.items():
            with self.subTest(name):
                room, alice, bob = self.both(f"talk over {name}", transports)
                bob.say(room["name"], "hello, alice 👋")
                heard = [client.next("new_message") for client in (alice, bob)]
                self.assertEqual(heard[0], heard[1])
                self.assertEqual(heard[0]["content"], "hello, alice 👋")
                self.assertEqual(heard[0]["username"], "bob")
                self.assertEqual(heard[0]["room_id"], room["id"])
                history = self.history(room)
                self.assertEqual([each["content"] for each in history], ["first", "hello, alice 👋"])
                self.assertEqual(history[-1], heard[0])
                expected = "websocket" if transports is None else transports[0]
                self.assertEqual(alice.sio.transport(), expected)

    def test_each_sees_the_other_type_and_leave(self):
        for name, transports in TRANSPORTS.items():
            with self.subTest(name):
                room, alice, bob = self.both(f"typing over {name}", transports)
                bob.type(room["name"], True)
                typing = alice.next("typing")
                self.assertEqual((typing["username"], typing["is_typing"]), ("bob", True))
                bob.type(room["name"], False)
                self.assertFalse(alice.next("typing")["is_typing"])
                bob.leave(room["name"])
                self.assertEqual(alice.next("user_left")["reason"], "leave")
                bob.join(room["name"])
                self.assertEqual(alice.next("user_joined")["username"], "bob")
                bob.close()
                self.assertEqual(alice.next("user_left")["reason"], "disconnect")

    def test_a_message_to_a_room_not_joined_is_told_as_an_error_event(self):
        for name, transports in TRANSPORTS.items():
            with self.subTest(name):
                room, alice, bob = self.both(f"errors over {name}", transports)
                bob.leave(room["name"])
                bob.say(room["name"], "anyone?")
                error = bob.next("error")
                self.assertEqual((error["event"], error["code"]), ("send_message", "not_a_member"))
                self.assertEqual(len(self.history(room)), 1)

    def test_forty_messages_at_once_arrive(self):
        # python-engineio refuses a payload of more than 16 packets. It runs each handler in a
        # thread of its own, so their order tells nothing.
        for name, transports in TRANSPORTS.items():
            with self.subTest(name):
                room, alice, bob = self.both(f"burst over {name}", transports)
                texts = [f"m{i}" for i in range(40)]
                url = f"{server.url}/api/messages/{room['id']}"
                with requests.Session() as session:
                    for text in texts:
                        session.post(url, json={"content": text}, timeout=DEADLINE)
                heard = [bob.next("new_message")["content"] for _ in texts]
                self.assertEqual(sorted(heard), sorted(texts))

    def test_a_room_is_listed_and_cannot_be_made_twice(self):
        name = "listed"
        for status in (201, 409):
            answer = requests.post(f"{server.url}/api/rooms", json={"name": name}, timeout=DEADLINE)
            self.assertEqual(answer.status_code, status)
        answer = requests.get(f"{server.url}/api/rooms", params={"q": name}, timeout=DEADLINE)
        self.assertEqual([room["name"] for room in answer.json()["rooms"]], [name])


if __name__ == "__main__":
    # The client libraries leave sockets to the garbage collector.
    unittest.main(warnings="ignore")
