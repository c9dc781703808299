"""Checks the alarms: promtool takes them, each sounds for its cause and no other, and the manual says
what to do about each."""
import json
import re
import shutil
import subprocess
import unittest
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent.parent
RULES = TREE / "packaging/prometheus/alerts.yml"
PROMTOOL = shutil.which("promtool")


def promtool(*args):
    done = subprocess.run([PROMTOOL, *map(str, args)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


class Alarms(unittest.TestCase):
    @unittest.skipUnless(PROMTOOL, "promtool is not installed")
    def test_are_well_formed(self):
        code, said = promtool("check", "rules", RULES)
        self.assertEqual(code, 0, said)

    @unittest.skipUnless(PROMTOOL, "promtool is not installed")
    def test_sound_for_their_cause(self):
        code, said = promtool("test", "rules", TREE / "tests/check/alerts_test.yml")
        self.assertEqual(code, 0, said)

    def test_each_is_tried(self):
        tried = (TREE / "tests/check/alerts_test.yml").read_text()
        for name in self.names():
            self.assertIn(f"- name: {name}\n", tried)
            self.assertIn(f"alertname: {name}}}", tried)  # and silent on a healthy server

    def test_each_has_a_section_of_the_manual(self):
        manual = (TREE / "docs/monitoring.md").read_text()
        sections = re.findall(r"^### (Hubbub\w+)$", manual, re.MULTILINE)
        self.assertEqual(sorted(sections), sorted(self.names()))
        pages = re.findall(r"runbook: (\S+)", RULES.read_text())
        self.assertEqual(pages, [f"docs/monitoring.md#{name.lower()}" for name in self.names()])

    @staticmethod
    def names():
        return re.findall(r"- alert: (\w+)", RULES.read_text())


class Dashboard(unittest.TestCase):
    board = json.loads((TREE / "packaging/grafana/hubbub.json").read_text())

    def test_panels_do_not_overlap(self):
        taken = set()
        for panel in self.board["panels"]:
            at = panel["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], 24, panel["title"])
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"])
                     for y in range(at["y"], at["y"] + at["h"])}
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells

    def test_each_panel_has_a_number_and_an_expression(self):
        panels = [p for p in self.board["panels"] if p["type"] != "row"]
        self.assertEqual(len({p["id"] for p in self.board["panels"]}), len(self.board["panels"]))
        for panel in panels:
            self.assertTrue(panel["targets"], panel["title"])
            self.assertTrue(panel["description"], panel["title"])
            for target in panel["targets"]:
                self.assertIn('instance=~"$instance"', target["expr"], panel["title"])


if __name__ == "__main__":
    unittest.main()
