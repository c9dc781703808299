"""python-socketio over HTTPS, with the server's certificate checked."""

import queue
import shutil
import subprocess
import tempfile
import unittest

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


class ChatUnderTls(unittest.TestCase):
    def connect(self, transports):
        session = requests.Session()
        session.trust_env = False  # or a bundle named there would win
        session.verify = f"{folder}/cert.pem"
        client = socketio.Client(http_session=session)
        heard = queue.Queue()
        client.on("new_message", heard.put)
        client.connect(server.url, transports=transports, wait_timeout=DEADLINE)
        self.addCleanup(client.disconnect)
        return client, heard

    def test_two_people_talk_over_each_transport(self):
        for name, transports in TRANSPORTS.items():
            with self.subTest(name):
                alice, _ = self.connect(transports)
                bob, heard = self.connect(transports)
                for client in (alice, bob):
                    self.assertTrue(client.call("join_room", {"room": name}, timeout=DEADLINE)["ok"])
                for i in range(40):
                    payload = {"room": name, "content": f"m{i} " + "x" * (i * 90)}
                    self.assertTrue(bob.call("send_message", payload, timeout=DEADLINE)["ok"])
                alice.call("send_message", {"room": name, "content": "hello"}, timeout=DEADLINE)
                self.assertEqual(heard.get(timeout=DEADLINE)["content"], "hello")
                expected = "websocket" if transports is None else transports[0]
                self.assertEqual(bob.transport(), expected)

    def test_a_certificate_that_is_not_trusted_keeps_the_client_away(self):
        client = socketio.Client()
        with self.assertRaises(socketio.exceptions.ConnectionError):
            client.connect(server.url, transports=["websocket"], wait_timeout=DEADLINE)


if __name__ == "__main__":
    unittest.main()
