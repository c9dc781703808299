"""A server under test for the Python clients: a free port, a new database, an orderly end."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

DEADLINE = 30  # seconds that any single wait may take

HERE = Path(__file__).resolve().parent
BIN_DIR = Path(os.environ.get("HUBBUB_BIN_DIR", HERE / "../../build/release/bin"))

# What a client may choose; None is the default: long-polling first, then the upgrade.
TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": None}

# True if a ChatServer is several servers, which are used like one.
SEVERAL = int(os.environ.get("HUBBUB_TEST_NODES", 1)) > 1


class ChatServer:
    """With HUBBUB_TEST_NODES it is a whole cluster, as in support.mjs."""

    def __init__(self, *args):
        self.folder = tempfile.mkdtemp(prefix="hubbub-e2e-")
        if SEVERAL:
            node = shutil.which("node") or "nodejs"
            command, env = [node, HERE / "cluster_stand.mjs", *args], None
        else:
            command = [BIN_DIR / "hubbub", "serve", "--port", "0", "--log-level", "error"]
            command += ["--db", f"{self.folder}/hubbub.db", *args]
            env = {name: each for name, each in os.environ.items() if not name.startswith("HUBBUB_")}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
        watchdog = threading.Timer(DEADLINE, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        match = re.fullmatch(r"listening on (https?://(?:localhost|127\.0\.0\.1):\d+)\n", line)
        if not match:
            self.process.kill()
            raise RuntimeError(f"the server said {line!r}")
        self.url = match[1]

    def stop(self):
        """Asks the server to end and returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(DEADLINE)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            shutil.rmtree(self.folder)
