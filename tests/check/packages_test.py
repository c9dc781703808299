"""Installing what is missing starts no server of Debian's."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "packages.sh"

# Stands in for apt-get: shows what the guard says while packages are installed.
APT_GET = """#!/bin/sh
case " $* " in *" install "*)
  "$GUARD"; echo "the guard says $?" >>"$LOG"
  echo "$*" >>"$LOG"
  exit "$APT_STATUS"
esac
"""


class Packages(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)
        self.guard = self.path / "policy-rc.d"
        self.program("apt-get", APT_GET)
        self.program("dpkg-query", "#!/bin/sh\nexit 1\n")

    def program(self, name, text):
        path = self.path / name
        path.write_text(text)
        path.chmod(0o755)

    def need(self, apt_status=0):
        """Installs a package; gives the exit code and what apt-get saw."""
        log = self.path / "log"
        script = f"""
            source {SCRIPT}
            as_root() {{ "$@"; }}
            fail() {{ echo "failed: $*"; exit 1; }}
            service_guard=$GUARD
            need_packages nginx-light
        """
        environment = {**os.environ, "PATH": f"{self.path}:{os.environ['PATH']}",
                       "GUARD": str(self.guard), "LOG": str(log), "APT_STATUS": str(apt_status)}
        run = subprocess.run(["bash", "-c", script], env=environment, capture_output=True,
                             text=True, check=False)
        return run.returncode, log.read_text()

    def test_no_server_may_start_meanwhile_and_all_may_afterwards(self):
        code, log = self.need()
        self.assertEqual(code, 0)
        self.assertIn("the guard says 101", log)
        self.assertRegex(log, r" install nginx-light$")
        self.assertFalse(self.guard.exists())

    def test_the_guard_goes_also_where_the_installation_fails(self):
        code, log = self.need(apt_status=100)
        self.assertEqual(code, 1)
        self.assertIn("the guard says 101", log)
        self.assertFalse(self.guard.exists())

    def test_a_guard_that_is_there_stays_as_it_is(self):
        self.program("policy-rc.d", "#!/bin/sh\nexit 42\n")
        code, log = self.need()
        self.assertEqual(code, 0)
        self.assertIn("the guard says 42", log)
        self.assertIn("exit 42", self.guard.read_text())


if __name__ == "__main__":
    unittest.main()
