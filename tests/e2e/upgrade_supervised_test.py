"""An upgrade of a server that systemd looks after: what it is told by whom, and its sockets."""
import http.client
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import unittest

import supervised_test as supervised
from supervised_test import DEADLINE, Server, ask, environment, programs


def parent_of(pid):
    """The number of the process's parent."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^PPid:\t(\d+)$", status, re.MULTILINE)[1])


def name_of(pid):
    return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()


class Supervisor:
    """The socket to which services send, and who sent what."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(DEADLINE)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)

    def notice(self):
        """The next notice, and the number of the process that sent it."""
        text, ancillary, _, _ = self.socket.recvmsg(4096, socket.CMSG_SPACE(12))
        pid, _, _ = struct.unpack("iII", ancillary[0][2])
        return dict(line.split("=", 1) for line in text.decode().split("\n")), pid

    def await_notice(self, name, sender=None):
        """The next notice with this name, and its sender; others are left out."""
        while True:
            notice, pid = self.notice()
            if name in notice and sender in (None, pid):
                return notice, pid


class Upgrades(supervised.Case):
    def setUp(self):
        super().setUp()
        self.database = str(self.folder / "hubbub.db")
        self.supervisor = Supervisor(self.folder / "notify")
        self.addCleanup(self.supervisor.socket.close)

    def end(self, server, pid):
        """Ends the process that serves now, and waits for all."""
        os.kill(pid, signal.SIGTERM)
        server.process.communicate(timeout=DEADLINE)  # its standard error is that of all

    def kill_at_the_end(self, pid):
        def kill():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.addCleanup(kill)

    def test_the_old_process_names_the_new_one_which_then_says_that_it_is_ready(self):
        with Server("--port", "0", database=self.database, WATCHDOG_USEC="50000",
                    NOTIFY_SOCKET=str(self.folder / "notify")) as server:
            old = server.process.pid
            self.assertEqual(self.supervisor.await_notice("READY")[1], old)
            server.process.send_signal(signal.SIGUSR2)
            named, sender = self.supervisor.await_notice("MAINPID")
            new = int(named["MAINPID"])
            self.kill_at_the_end(new)
            self.assertEqual(sender, old)
            self.assertNotEqual(new, old)
            # systemd waits for its own children alone, and looks at once whether it is one.
            parent = parent_of(new)
            self.assertNotEqual(parent, old)
            self.assertNotEqual(name_of(parent), "hubbub")
            ready, sender = self.supervisor.await_notice("READY")
            self.assertEqual(sender, new)
            self.assertEqual(ready["STATUS"] + "\n", server.line)
            self.supervisor.await_notice("WATCHDOG", new)
            self.assertEqual(ask(http.client.HTTPConnection("127.0.0.1", server.port)), 200)
            self.assertEqual(server.process.wait(DEADLINE), 0)
            os.kill(new, signal.SIGTERM)
            self.assertEqual(self.supervisor.await_notice("STOPPING")[1], new)
            server.process.communicate(timeout=DEADLINE)

    def test_the_number_that_the_watchdog_was_meant_for_is_not_inherited(self):
        command = ["sh", "-c", 'WATCHDOG_PID=$$ exec "$@"', "sh", str(programs / "hubbub"), "serve",
                   "--port", "0", "--db", self.database]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=environment(NOTIFY_SOCKET=str(self.folder / "notify"), WATCHDOG_USEC="50000"))
        try:
            self.supervisor.await_notice("WATCHDOG", process.pid)
            process.send_signal(signal.SIGUSR2)
            new = int(self.supervisor.await_notice("MAINPID")[0]["MAINPID"])
            self.kill_at_the_end(new)
            self.supervisor.await_notice("WATCHDOG", new)
            self.assertEqual(process.wait(DEADLINE), 0)
        finally:
            process.kill()
            process.wait()

    def test_sockets_that_systemd_made_are_passed_on_and_stay_its_own(self):
        tcp = self.passed()
        local = self.passed(socket.AF_UNIX, str(self.folder / "s"))
        port = tcp.getsockname()[1]
        with Server(sockets=[tcp, local], database=self.database) as server:
            tcp.close()
            local.close()
            answer = subprocess.run(
                [str(programs / "hubbub"), "upgrade", "--db", self.database],
                env=environment(), capture_output=True, text=True, timeout=DEADLINE)
            found = re.fullmatch(r"process (\d+) serves now\n", answer.stdout)
            self.assertTrue(found, answer.stderr)
            new = int(found[1])
            self.kill_at_the_end(new)
            self.assertEqual(server.process.wait(DEADLINE), 0)
            self.assertEqual(ask(http.client.HTTPConnection("127.0.0.1", port)), 200)
            self.assertEqual(ask(supervised.Connection(self.folder / "s")), 200)
            self.end(server, new)
        self.assertTrue((self.folder / "s").is_socket(), "the file belongs to who made it")


if __name__ == "__main__":
    unittest.main()
