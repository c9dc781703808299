"""The files of the packages that tools can judge as they are: the units and the scripts."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Units(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.service = pathlib.Path(folder.name) / "hubbub.service"
        text = (PACKAGING / "systemd/hubbub.service.in").read_text()
        # A program that is there on any machine; manual pages of ours are not.
        text = text.replace("@CMAKE_INSTALL_FULL_BINDIR@/hubbub", "/bin/true")
        text = text.replace("@CMAKE_INSTALL_FULL_SYSCONFDIR@", "/etc")
        self.service.write_text(re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE))
        self.socket = pathlib.Path(folder.name) / "hubbub.socket"
        shutil.copy(PACKAGING / "systemd/hubbub.socket", self.socket)

    def test_systemd_understands_them(self):
        self.assertNotIn("@", self.service.read_text().split("[Service]")[0])
        for unit in [self.service, self.socket]:
            said = run("systemd-analyze", "verify", "--man=no", unit)
            ours = [line for line in said.stderr.splitlines() if "hubbub" in line]
            self.assertEqual(ours, [])

    def test_the_service_may_do_little(self):
        said = run("systemd-analyze", "security", "--offline=true", "--threshold=20", self.service)
        self.assertEqual(said.returncode, 0, said.stdout)
        self.assertRegex(said.stdout, r"Overall exposure level for hubbub.service: [01]\.\d ")


class Manuals(unittest.TestCase):
    """What is installed beside the programs to be read."""

    def setUp(self):
        rules = (ROOT / "cmake/install.cmake").read_text()
        found = re.search(r"install\(FILES ([^)]*) TYPE DOC\)", rules)
        self.installed = found[1].split()
        self.examples = re.search(
            r"install\(FILES ([^)]*)\s+DESTINATION \$\{CMAKE_INSTALL_DOCDIR\}/examples\)", rules)[1].split()

    def test_each_is_there(self):
        for name in self.installed + self.examples:
            self.assertTrue((ROOT / name).is_file(), name)

    def test_what_they_link_to_is_installed_too(self):
        names = {name.removeprefix("docs/") for name in self.installed}
        manuals = [name for name in self.installed if name.startswith("docs/")]
        for manual in ["docs/operations.md", "docs/settings.md", "docs/monitoring.md"]:
            self.assertIn(manual, manuals)
        for manual in manuals:
            linked = re.findall(r"\]\(([\w-]+\.md)", (ROOT / manual).read_text())
            self.assertEqual(set(linked) - names, set(), manual)

    def test_the_manual_says_where_dashboard_and_alarms_are(self):
        self.assertEqual(self.examples, ["packaging/grafana/hubbub.json", "packaging/prometheus/alerts.yml"])
        self.assertIn("`/usr/share/doc/hubbub/examples`", (ROOT / "docs/monitoring.md").read_text())


class Scripts(unittest.TestCase):
    def test_the_shell_understands_them(self):
        for name in ["build", "try", "try-bare", "try-steps"]:
            said = run("bash", "-n", PACKAGING / name)
            self.assertEqual((said.returncode, said.stderr), (0, ""), name)
        for name in ["hubbub.prerm", "hubbub.postrm"]:
            said = run("sh", "-n", PACKAGING / "debian" / name)
            self.assertEqual((said.returncode, said.stderr), (0, ""), name)


if __name__ == "__main__":
    unittest.main()
