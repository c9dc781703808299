"""The server as systemd runs it: readiness, reload, watchdog, passed sockets; and sockets in the
file system, for proxies."""
import ctypes
import http.client
import json
import os
import pathlib
import queue
import re
import select
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

root = pathlib.Path(__file__).resolve().parents[2]
programs = pathlib.Path(os.environ.get("HUBBUB_BIN_DIR", root / "build/release/bin")).resolve()
DEADLINE = 30


def environment(**more):
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("HUBBUB_", "LISTEN_", "NOTIFY_", "WATCHDOG_"))}
    return {**kept, **more}


class Server:
    """A running server; `sockets` are passed to it as systemd passes them."""

    def __init__(self, *options, sockets=(), database=":memory:", stdin=None, **variables):
        command = [str(programs / "hubbub"), "serve", "--db", database, *options]
        if sockets:
            # The number of the process is known only within it; exec keeps it.
            command = ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *command]
            variables = {"LISTEN_FDS": str(len(sockets)), **variables}
        numbers = [each.fileno() for each in sockets]

        def pass_sockets():
            # First out of the way of each other, then to where they belong.
            high = [os.dup2(each, 200 + i) for i, each in enumerate(numbers)]
            for at, number in enumerate(high):
                os.dup2(number, 3 + at)
                os.close(number)

        self.process = subprocess.Popen(
            command, env=environment(**variables), text=True, stdin=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, close_fds=not sockets,
            preexec_fn=pass_sockets if sockets else None)
        self.line = self.process.stdout.readline()
        if not self.line.startswith("listening on "):
            self.refusal = self.process.stderr.read()
            self.status = self.process.wait(DEADLINE)

    @property
    def port(self):
        return int(re.search(r":(\d+)", self.line)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        _, log = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, log


class Connection(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path):
        super().__init__("localhost", timeout=DEADLINE)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DEADLINE)
        self.sock.connect(self.path)


def ask(connection, path="/healthz", body=None, keep=False, **headers):
    """The status of an answer; the connection is closed then unless it is to be kept."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST" if body else "GET", path, body and json.dumps(body), headers)
    answer = connection.getresponse()
    answer.read()
    if not keep:
        connection.close()
    return answer.status


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def passed(self, family=socket.AF_INET, address=("127.0.0.1", 0)):
        made = socket.socket(family)
        self.addCleanup(made.close)
        made.bind(address)
        made.listen(100)
        return made


class Terminal(Case):
    def test_who_interrupts_at_a_terminal_does_not_wait(self):
        ours, its = os.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, its)
        with Server("--port", "0", "--drain-delay", "1d", "--drain-time", "1d",
                    stdin=its) as server:
            client = socket.create_connection(("127.0.0.1", server.port), DEADLINE)
            self.addCleanup(client.close)
            server.process.send_signal(signal.SIGINT)
            self.assertEqual(server.process.wait(DEADLINE), 0)


class Notices(Case):
    """What the server tells its supervisor by datagrams."""

    def supervisor(self, address=None):
        made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(made.close)
        made.bind(address or str(self.folder / "notify"))
        made.settimeout(DEADLINE)
        return made

    def notice(self, supervisor):
        return dict(line.split("=", 1) for line in supervisor.recv(4096).decode().split("\n"))

    def test_ready_reloading_and_stopping(self):
        for address, name in [(str(self.folder / "notify"), str(self.folder / "notify")),
                              (f"\0hubbub-{os.getpid()}", f"@hubbub-{os.getpid()}")]:
            supervisor = self.supervisor(address)
            with Server("--port", "0", "--drain-delay", "10ms", "--drain-time", "20ms",
                        NOTIFY_SOCKET=name) as server:
                ready = self.notice(supervisor)
                self.assertEqual(ready["READY"], "1")
                self.assertEqual(ready["STATUS"] + "\n", server.line)
                self.assertEqual(ask(http.client.HTTPConnection("127.0.0.1", server.port)), 200)

                server.process.send_signal(signal.SIGHUP)
                reloading = self.notice(supervisor)
                self.assertEqual(reloading["RELOADING"], "1")
                self.assertGreater(int(reloading["MONOTONIC_USEC"]), 0)
                self.assertEqual(self.notice(supervisor)["READY"], "1")

                status, _ = server.stop()
                stopping = self.notice(supervisor)
                self.assertEqual(stopping["STOPPING"], "1")
                # The delay before the first close, the time for all, and more than a shutdown may take.
                self.assertEqual(int(stopping["EXTEND_TIMEOUT_USEC"]), 20_030_000)
                self.assertEqual(status, 0)

    def test_nobody_is_told_of_a_start_that_failed(self):
        supervisor = self.supervisor()
        with Server("--port", "0", "--tls-cert", "/none", "--tls-key", "/none",
                    NOTIFY_SOCKET=str(self.folder / "notify")) as server:
            self.assertEqual(server.status, 1)
        ready, _, _ = select.select([supervisor], [], [], 0)
        self.assertEqual(ready, [])

    def test_life_is_shown_only_if_it_is_asked_for(self):
        supervisor = self.supervisor()
        name = str(self.folder / "notify")
        with Server("--port", "0", NOTIFY_SOCKET=name, WATCHDOG_USEC="20000") as server:
            self.assertEqual(self.notice(supervisor)["READY"], "1")
            for _ in range(5):
                self.assertEqual(self.notice(supervisor), {"WATCHDOG": "1"})
            server.process.kill()
        other = self.supervisor(str(self.folder / "other"))
        with Server("--port", "0", NOTIFY_SOCKET=str(self.folder / "other"), WATCHDOG_PID="1",
                    WATCHDOG_USEC="20000") as server:
            self.assertEqual(self.notice(other)["READY"], "1")
            server.process.send_signal(signal.SIGHUP)
            self.assertEqual(self.notice(other)["RELOADING"], "1")
            self.assertEqual(self.notice(other)["READY"], "1")

    def test_life_is_shown_during_the_delay_before_the_end(self):
        supervisor = self.supervisor()
        with Server("--port", "0", "--drain-delay", "1d", WATCHDOG_USEC="20000",
                    NOTIFY_SOCKET=str(self.folder / "notify")) as server:
            server.process.send_signal(signal.SIGTERM)
            while "STOPPING" not in self.notice(supervisor):
                pass
            for _ in range(5):
                self.assertEqual(self.notice(supervisor), {"WATCHDOG": "1"})

    def test_a_stuck_thread_is_not_alive(self):
        libc = ctypes.CDLL(None, use_errno=True)
        seize, interrupt, detach = 0x4206, 0x4207, 17
        supervisor = self.supervisor()
        with Server("--port", "0", "--io-threads", "2", WATCHDOG_USEC="20000",
                    NOTIFY_SOCKET=str(self.folder / "notify")) as server:
            self.assertEqual(self.notice(supervisor)["READY"], "1")
            self.assertEqual(self.notice(supervisor), {"WATCHDOG": "1"})
            # Each thread that waits for its sockets, but the first, which waits for signals.
            stopped = []
            tasks = pathlib.Path(f"/proc/{server.process.pid}/task")
            for task in sorted(int(each.name) for each in tasks.iterdir()):
                if task == server.process.pid:
                    continue
                if libc.ptrace(seize, task, None, None) != 0:
                    self.skipTest("no other process may be stopped here")
                libc.ptrace(interrupt, task, None, None)
                os.waitpid(task, 0x40000000)  # __WALL
                stopped.append(task)
            supervisor.setblocking(False)
            try:
                while True:
                    supervisor.recv(4096)
            except BlockingIOError:
                pass
            supervisor.settimeout(0.5)  # fifty times as long as it would take
            self.assertRaises(TimeoutError, supervisor.recv, 4096)
            for task in stopped:
                libc.ptrace(detach, task, None, None)
            supervisor.settimeout(DEADLINE)
            self.assertEqual(self.notice(supervisor), {"WATCHDOG": "1"})


class PassedSockets(Case):
    def test_are_served_instead_of_the_settings(self):
        tcp = self.passed()
        local = self.passed(socket.AF_UNIX, str(self.folder / "s"))
        with Server("--port", "1", sockets=[tcp, local]) as server:
            port = tcp.getsockname()[1]
            self.assertEqual(server.line,
                             f"listening on http://127.0.0.1:{port}, unix:{self.folder / 's'}\n")
            self.assertEqual(ask(http.client.HTTPConnection("127.0.0.1", port)), 200)
            self.assertEqual(ask(Connection(self.folder / "s")), 200)
            self.assertEqual(server.stop()[0], 0)
        self.assertTrue((self.folder / "s").is_socket(), "the file belongs to who made it")

    def test_a_restart_refuses_nobody(self):
        tcp = self.passed()
        port = tcp.getsockname()[1]
        answers, enough = queue.Queue(), threading.Event()

        def come_and_go():
            while not enough.is_set():
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
                    connection.connect()
                    answers.put(ask(connection))
                except ConnectionRefusedError:
                    answers.put("refused")
                except (ConnectionResetError, BrokenPipeError, http.client.HTTPException):
                    # It was let in by the server that was just ending, which clients survive.
                    answers.put("closed")

        visitor = threading.Thread(target=come_and_go)
        visitor.start()
        try:
            for _ in range(3):
                with Server(sockets=[tcp]) as server:
                    served = 0
                    while served < 20:
                        answer = answers.get(timeout=DEADLINE)
                        self.assertIn(answer, (200, "closed"))
                        served += answer == 200
                    self.assertEqual(server.stop()[0], 0)
            # Nobody serves now: who connects waits for the next one.
            waiting = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
            waiting.connect()
            with Server(sockets=[tcp]) as server:
                self.assertEqual(ask(waiting), 200)
                enough.set()
                visitor.join(DEADLINE)
        finally:
            enough.set()
        self.assertNotIn("refused", list(answers.queue))

    def test_meant_for_another_process_are_left_alone(self):
        with Server("--port", "0", LISTEN_FDS="1", LISTEN_PID="1") as server:
            self.assertEqual(ask(http.client.HTTPConnection("127.0.0.1", server.port)), 200)

    def test_that_do_not_listen_are_refused(self):
        idle = socket.socket()
        self.addCleanup(idle.close)
        with Server(sockets=[idle]) as server:
            self.assertEqual(server.status, 1)
            self.assertEqual(server.refusal, "hubbub: descriptor 3, which was passed in LISTEN_FDS, "
                                             "is no stream socket that listens\n")
        with Server(sockets=[self.passed()], LISTEN_FDS="700") as server:
            self.assertEqual(server.status, 1)
            self.assertRegex(server.refusal, r"^hubbub: descriptor \d+, which LISTEN_FDS announces, "
                                             r"is not there\n$")

    def test_systemd_itself_passes_one_at_the_first_connection(self):
        path = self.folder / "s"
        activator = subprocess.Popen(
            ["systemd-socket-activate", "-l", str(path), "--", str(programs / "hubbub"), "serve",
             "--db", ":memory:"],
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            for line in activator.stderr:
                if line.startswith("Listening on"):
                    break
            self.assertEqual(ask(Connection(path)), 200)
            self.assertEqual(activator.stdout.readline(), f"listening on unix:{path}\n")
        finally:
            activator.kill()
            activator.communicate()


class SocketsInTheFileSystem(Case):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "hubbub.sock"
        self.place = f"unix:{self.path}"

    def test_are_served_for_their_group_and_go_with_the_server(self):
        with Server("--listen", self.place) as server:
            self.assertEqual(server.line, f"listening on {self.place}\n")
            self.assertEqual(self.path.stat().st_mode & 0o777, 0o660)
            self.assertEqual(ask(Connection(self.path)), 200)
            self.assertEqual(server.stop()[0], 0)
        self.assertFalse(self.path.exists())
        with Server("--listen", self.place, "--socket-mode", "666"):
            self.assertEqual(self.path.stat().st_mode & 0o777, 0o666)

    def test_beside_a_port(self):
        with Server("--listen", f"127.0.0.1:0,{self.place}") as server:
            self.assertRegex(server.line, rf"^listening on http://127.0.0.1:\d+, {self.place}\n$")
            self.assertEqual(ask(http.client.HTTPConnection("127.0.0.1", server.port)), 200)
            self.assertEqual(ask(Connection(self.path)), 200)

    def test_that_a_dead_server_left_are_replaced_and_those_of_a_living_one_are_not(self):
        with Server("--listen", self.place) as server:
            with Server("--listen", self.place) as second:
                self.assertEqual(second.status, 1)
                self.assertEqual(second.refusal, f"hubbub: cannot listen at {self.path}: another "
                                                 "program listens there\n")
            self.assertEqual(ask(Connection(self.path)), 200)
            server.process.kill()
            server.process.wait(DEADLINE)
            self.assertTrue(self.path.exists())
        with Server("--listen", self.place):
            self.assertEqual(ask(Connection(self.path)), 200)
        self.path.unlink(missing_ok=True)
        self.path.write_text("precious")
        with Server("--listen", self.place) as server:
            self.assertIn("no socket", server.refusal)
        self.assertEqual(self.path.read_text(), "precious")

    def test_limits_by_address_are_those_of_the_proxys_clients(self):
        def post(client):
            return ask(Connection(self.path), "/messages", {"room": "tea", "content": "hello"},
                       X_Forwarded_For=client, Content_Type="application/json")

        # Each thread lets a little through until it has asked how much is left.
        with Server("--listen", self.place, "--rate-events-per-address", "1:2",
                    "--max-connections-per-address", "1", "--io-threads", "1"):
            answers = [post("192.0.2.1") for _ in range(20)]
            self.assertIn(429, answers)
            # Another client is another address, though both come by one socket.
            self.assertEqual(post("192.0.2.2"), 201)
            # The proxy may have as many connections as it likes.
            connections = [Connection(self.path) for _ in range(5)]
            self.assertEqual([ask(each, keep=True) for each in connections], [200] * 5)
            self.assertEqual([ask(each) for each in connections], [200] * 5)

    def test_speak_plain_http_where_the_port_speaks_tls(self):
        key, cert = self.folder / "key.pem", self.folder / "cert.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert, "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
        with Server("--listen", f"127.0.0.1:0,{self.place}", "--tls-cert", str(cert), "--tls-key",
                    str(key)) as server:
            self.assertRegex(server.line, r"^listening on https://127.0.0.1:\d+, unix:")
            trust = ssl.create_default_context(cafile=cert)
            secure = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=DEADLINE,
                                                 context=trust)
            self.assertEqual(ask(secure), 200)
            self.assertEqual(ask(Connection(self.path)), 200)


class BehindNginx(Case):
    def test_nginx_hands_on_requests_and_says_whose_they_are(self):
        local = self.folder / "hubbub.sock"
        port = socket.socket()  # which is kept, so that nobody else is given its port
        self.addCleanup(port.close)
        port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port.bind(("127.0.0.1", 0))
        number = port.getsockname()[1]
        configuration = self.folder / "nginx.conf"
        user = "user root;" if os.getuid() == 0 else ""
        configuration.write_text(f"""
            daemon off; {user} pid {self.folder}/pid; error_log stderr;
            events {{}}
            http {{
              access_log off;
              client_body_temp_path {self.folder}; proxy_temp_path {self.folder};
              fastcgi_temp_path {self.folder}; uwsgi_temp_path {self.folder};
              scgi_temp_path {self.folder};
              server {{
                listen 127.0.0.1:{number};
                location / {{
                  proxy_pass http://unix:{local}:/;
                  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                }}
              }}
            }}""")
        with Server("--listen", f"unix:{local}", "--rate-events-per-address", "1:2",
                    "--io-threads", "1"):
            nginx = subprocess.Popen(["nginx", "-c", configuration, "-p", self.folder],
                                     stderr=subprocess.PIPE, env={
                                         **environment(), "PATH": f"/usr/sbin:{os.environ['PATH']}"})
            try:
                self.wait_for_port(number)

                def post(source):
                    there = http.client.HTTPConnection("127.0.0.1", number, timeout=DEADLINE,
                                                       source_address=(source, 0))
                    return ask(there, "/messages", {"room": "tea", "content": "hello"},
                               Content_Type="application/json")

                self.assertIn(429, [post("127.0.0.1") for _ in range(20)])
                self.assertEqual(post("127.0.0.2"), 201)
            finally:
                nginx.terminate()
                nginx.communicate(timeout=DEADLINE)

    def wait_for_port(self, number):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", number)).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.01)
        self.fail("nginx does not listen")


if __name__ == "__main__":
    unittest.main()
