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


class ChatServer:
    def __init__(self, *args):
        self.folder = tempfile.mkdtemp(prefix="hubbub-e2e-")
        command = [BIN_DIR / "hubbub", "serve", "--port", "0", "--log-level", "error"]
        command += ["--db", f"{self.folder}/hubbub.db", *args]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUBBUB_")}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=kept)
        watchdog = threading.Timer(DEADLINE, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        match = re.fullmatch(r"listening on (https?://localhost:\d+)\n", line)
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
