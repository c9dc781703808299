"""What `cmake --install` does with the settings and the unit of the service, without a build."""
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = '#host = ""\n\n#port = 5005\n\n#db = "hubbub.db"\n'


class Service(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "example.conf").write_text(EXAMPLE)

    def install(self, prefix, sysconfdir="etc", destdir="root"):
        """Runs the script of the installation below a folder, and returns that folder."""
        values = {
            "CMAKE_INSTALL_PREFIX": prefix,
            "CMAKE_INSTALL_SYSCONFDIR": sysconfdir,
            "CMAKE_INSTALL_BINDIR": "bin",
            "CMAKE_INSTALL_LIBDIR": "lib",
            "HUBBUB_EXAMPLE": self.folder / "example.conf",
            "HUBBUB_UNIT": ROOT / "packaging/systemd/hubbub.service.in",
            "HUBBUB_WORK": self.folder / "work",
        }
        root = self.folder / destdir
        said = subprocess.run(
            ["cmake", *(f"-D{name}={value}" for name, value in values.items()),
             "-P", ROOT / "cmake/install_service.cmake"],
            env={**os.environ, "DESTDIR": str(root)}, capture_output=True, text=True, check=False)
        self.assertEqual((said.returncode, said.stderr), (0, ""))
        return root

    def files(self, root):
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    def test_the_settings_of_the_operator_are_never_overwritten(self):
        settings = self.install("/usr") / "etc/hubbub/hubbub.conf"
        settings.write_text(settings.read_text() + 'log_level = "debug"\n')
        changed = settings.read_text()
        unit = self.install("/usr") / "usr/lib/systemd/system/hubbub.service"
        self.assertEqual(settings.read_text(), changed)
        unit.write_text("old")
        os.utime(unit, (0, 0))  # a file of the same second counts as the same
        self.install("/usr")
        self.assertIn("ExecStart=", unit.read_text())

    def test_settings_and_unit_follow_the_prefix(self):
        for prefix, settings in [("/usr", "/etc"), ("/usr/local", "/usr/local/etc"),
                                 ("/opt/chat", "/etc/opt/chat"), ("/srv/chat", "/srv/chat/etc")]:
            root = self.install(prefix, destdir=f"root{prefix}")
            unit = f"{prefix}/lib/systemd/system/hubbub.service"
            self.assertEqual(self.files(root), sorted([f"{settings}/hubbub/hubbub.conf"[1:], unit[1:]]))
            self.assertIn(f"ExecStart={prefix}/bin/hubbub serve --config {settings}/hubbub/hubbub.conf\n",
                          (root / unit[1:]).read_text())

    def test_a_folder_that_was_configured_is_kept(self):
        root = self.install("/usr/local", sysconfdir="/etc")
        self.assertIn("etc/hubbub/hubbub.conf", self.files(root))

    def test_the_service_listens_for_this_machine_and_stores_where_it_may_write(self):
        settings = self.install("/usr") / "etc/hubbub/hubbub.conf"
        self.assertEqual(settings.read_text(),
                         'host = "127.0.0.1"\n\n#port = 5005\n\ndb = "/var/lib/hubbub/hubbub.db"\n')


class Rules(unittest.TestCase):
    def test_nothing_else_installs_settings(self):
        rules = (ROOT / "cmake/install.cmake").read_text()
        self.assertIn("install_service.cmake)", rules)
        self.assertNotIn("SYSCONFDIR}/hubbub", rules)


if __name__ == "__main__":
    unittest.main()
