"""python-socketio over HTTPS, with the server's certificate checked."""

import asyncio
import shutil
import ssl
import subprocess
import tempfile
import unittest

import aiohttp
import requests
import socketio

from chat_server import DEADLINE, TRANSPORTS, ChatServer

folder = None
server = None


def setUpModule():
    global folder, server
    folder = tempfile.mkdtemp(prefix="hubbub-e2e-")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"]
    command = ["openssl", "req", "-x509", *key, *names, *files, "-days", "2"]
    subprocess.run(command, check=True, capture_output=True)
    server = ChatServer("--tls-cert", f"{folder}/cert.pem", "--tls-key", f"{folder}/key.pem")


def tearDownModule():
    code = server.stop()
    shutil.rmtree(folder)
    assert code == 0, "the server's exit code"


class ChatUnderTls(unittest.IsolatedAsyncioTestCase):
    # The asynchronous client: the other one reads and writes one TLS connection from two threads at
    # once, which the ssl module of Python 3.11 does not protect.
    async def connect(self, transports):
        trusted = ssl.create_default_context(cafile=f"{folder}/cert.pem")
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusted))
        self.addAsyncCleanup(session.close)
        client = socketio.AsyncClient(http_session=session)
        heard = asyncio.Queue()
        client.on("new_message", heard.put)
        await client.connect(server.url, transports=transports, wait_timeout=DEADLINE)
        self.addAsyncCleanup(client.disconnect)
        return client, heard

    async def test_two_people_talk_over_each_transport(self):
        for name, transports in TRANSPORTS.items():
            with self.subTest(name):
                alice, _ = await self.connect(transports)
                bob, heard = await self.connect(transports)
                for client in (alice, bob):
                    joined = await client.call("join_room", {"room": name}, timeout=DEADLINE)
                    self.assertTrue(joined["ok"])
                for i in range(40):
                    payload = {"room": name, "content": f"m{i} " + "x" * (i * 90)}
                    sent = await bob.call("send_message", payload, timeout=DEADLINE)
                    self.assertTrue(sent["ok"])
                await alice.call("send_message", {"room": name, "content": "hello"}, timeout=DEADLINE)
                hello = await asyncio.wait_for(heard.get(), DEADLINE)
                self.assertEqual(hello["content"], "hello")
                expected = "websocket" if transports is None else transports[0]
                self.assertEqual(bob.transport(), expected)

    def test_the_synchronous_client_talks_over_polling(self):
        session = requests.Session()
        session.trust_env = False  # or a bundle named there would win
        session.verify = f"{folder}/cert.pem"
        client = socketio.Client(http_session=session)
        client.connect(server.url, transports=["polling"], wait_timeout=DEADLINE)
        self.addCleanup(client.disconnect)
        self.assertTrue(client.call("join_room", {"room": "one"}, timeout=DEADLINE)["ok"])
        sent = client.call("send_message", {"room": "one", "content": "x" * 3000}, timeout=DEADLINE)
        self.assertTrue(sent["ok"])

    def test_a_certificate_that_is_not_trusted_keeps_the_client_away(self):
        client = socketio.Client()
        with self.assertRaises(socketio.exceptions.ConnectionError):
            client.connect(server.url, transports=["websocket"], wait_timeout=DEADLINE)


if __name__ == "__main__":
    unittest.main()
