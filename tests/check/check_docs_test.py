"""The check of pages in Markdown finds what it is there to find."""
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check-docs"


class CheckDocs(unittest.TestCase):
    def check(self, pages):
        """The exit code and output for a tree of {path: text}."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in pages.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            run = subprocess.run([SCRIPT, folder], capture_output=True, text=True, check=False)
            return run.returncode, run.stdout

    def assert_passes(self, text, others=None):
        self.assertEqual(self.check({"a.md": text, **(others or {})}), (0, ""))

    def assert_refused(self, text, fault, others=None):
        self.assertEqual(self.check({"a.md": text, **(others or {})}), (1, f"a.md:{fault}\n"))

    def test_tables_and_links_that_are_whole_pass(self):
        self.assert_passes(
            "# A page\n\n| a | b |\n| --- | ---: |\n| 1 | `x \\| y` |\n\nText.\n\n|  |  |\n|---|---|\n| 1 | |\n",
        )
        self.assert_passes(
            "# A page\n\n[b](docs/b.md), [there](docs/b.md#2-what-it-is), [here](#a-page), [folder](docs),\n"
            "![picture](docs/c.png), [net](https://example.com/x.md#y), [mail](mailto:a@example.com), [r]\n\n"
            "[r]: docs/b.md\n\n<img src=\"docs/c.png\">\n",
            {"docs/b.md": "## 2. What it *is*\n\n[up](../a.md)\n", "docs/c.png": ""},
        )

    def test_a_table_needs_a_header_of_as_many_cells(self):
        self.assert_refused(
            "Text\n\n| --- | --- |\n| 1 | 2 |\n", "3: this table has no header above its row of dashes")
        self.assert_refused(
            "A note in place of the header.\n| --- | --- |\n| 1 | 2 |\n",
            "2: this table has no header above its row of dashes")
        self.assert_refused(
            "| a | b |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n",
            "1: the table's header has 2 cells and its row of dashes 3")

    def test_a_row_has_no_cell_that_nobody_sees(self):
        fault = "3: this row has 3 cells and its table's header 2"
        self.assert_refused("| a | b |\n| --- | --- |\n| 1 | 2 | 3 |\n", fault)
        self.assert_refused("| a | b |\n| --- | --- |\n| 1 | `x | y` |\n", fault)
        self.assert_refused(
            "| a | b |\n| --- | --- |\n| 1 |\n", "3: this row has 1 cells and its table's header 2")

    def test_a_link_leads_to_a_file_of_the_tree(self):
        self.assert_refused("text\n[b](b.md)\n", "2: b.md: there is no such file")
        self.assert_refused("![b](b.png)\n", "1: b.png: there is no such file")
        self.assert_refused("[b](../b.md)\n", "1: ../b.md: there is no such file")
        self.assert_refused("[b](/etc/passwd)\n", "1: /etc/passwd: there is no such file")
        self.assert_refused("[b]\n\n[b]: b.md\n", "3: b.md: there is no such file")
        self.assert_refused("<img alt=\"b\" src=\"b.png\">\n", "1: b.png: there is no such file")

    def test_a_link_into_a_page_leads_to_a_heading(self):
        self.assert_refused("# 4. HTTP\n\n[b](#http)\n", "3: #http: there is no such heading")
        self.assert_refused(
            "[b](b.md#http)\n", "1: b.md#http: there is no such heading", {"b.md": "# 4. HTTP\n"})

    def test_headings_have_the_anchors_that_github_makes(self):
        self.assert_passes(
            "# Why did Bob not get it?\n## How to `add_it` …\n## A & B\n## A [link](a.md)\n## Twice\n## Twice\n"
            "[1](#why-did-bob-not-get-it) [2](#how-to-add_it-) [3](#a--b) [4](#a-link) [5](#twice) [6](#twice-1)\n")
        self.assert_refused("# Once\n[b](#once-1)\n", "2: #once-1: there is no such heading")

    def test_code_is_not_read(self):
        self.assert_passes(
            "```\n[b](b.md)\n| --- | --- |\n# Not a heading\n```\nAnd `[b](b.md)`, ``a ` [b](b.md)``.\n"
            "<!-- [b](b.md) -->\n")
        self.assert_refused(
            "```\n# Not a heading\n```\n[b](#not-a-heading)\n",
            "4: #not-a-heading: there is no such heading")
        self.assert_refused("```\ncode\n```\n[b](b.md)\n", "4: b.md: there is no such file")

    def test_what_is_built_or_fetched_is_not_read(self):
        wrong = "[b](b.md)\n"
        self.assert_passes("", {f"{name}/x.md": wrong for name in ["build", "node_modules/y", ".cache"]})


if __name__ == "__main__":
    unittest.main()
