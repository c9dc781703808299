"""What the programs say of themselves: manual pages, completion in real shells, colours."""
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import tempfile
import time
import unittest

root = pathlib.Path(__file__).resolve().parents[2]
programs = pathlib.Path(os.environ.get("HUBBUB_BIN_DIR", root / "build/release/bin")).resolve()
DEADLINE = 30


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUBBUB_")}
    return {**kept, "PATH": f"{programs}:{os.environ['PATH']}", **more}


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE,
                          env=environment(), check=False, **options)


def printed(*command):
    done = run(*command)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    assert done.stderr == "", done.stderr
    return done.stdout


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, *command, **variables):
        self.output = ""
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment(TERM="xterm", **variables))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.screen)

    def type(self, text):
        os.write(self.screen, text.encode())

    def wait_for(self, pattern):
        """Reads until the output since the last call matches; returns that output."""
        end = time.monotonic() + DEADLINE
        while not re.search(pattern, self.output):
            ready, _, _ = select.select([self.screen], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"waited for {pattern!r}, got {self.output!r}")
            try:
                part = os.read(self.screen, 65536)
            except OSError as gone:
                raise AssertionError(f"it ended before {pattern!r}: {self.output!r}") from gone
            self.output += part.decode(errors="replace")
        output, self.output = self.output, ""
        return output


PAGES = [
    ("hubbub", "hubbub.1"),
    ("hubbub.conf", "hubbub.conf.5"),
    ("hubbub-bench", "hubbub-bench.1"),
]


class ManualPages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def page(self, name, file):
        program = "hubbub-bench" if name == "hubbub-bench" else "hubbub"
        path = self.folder / file
        path.write_text(printed(program, "help", "--man", name))
        return str(path)

    def test_man_has_nothing_to_warn_of(self):
        for name, file in PAGES:
            done = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z",
                       self.page(name, file))
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)

    def test_mandoc_has_nothing_to_warn_of(self):
        for name, file in PAGES:
            done = run("mandoc", "-Tlint", "-W", "warning", self.page(name, file))
            self.assertEqual(done.stdout + done.stderr, "", name)

    def test_apropos_finds_one_line_in_each(self):
        for name, file in PAGES:
            done = run("lexgrog", self.page(name, file))
            self.assertRegex(done.stdout, rf'"{re.escape(name)} - [a-z]')

    def test_readers_see_the_settings_as_they_are_written(self):
        path = self.page(*PAGES[1])
        text = run("man", "-E", "UTF-8", "-l", "-P", "cat", path).stdout
        self.assertIn("port = 5005", text)
        self.assertIn('cors_origins = ["https://chat.example"]', text)

    def test_a_build_can_be_repeated(self):
        variables = environment(SOURCE_DATE_EPOCH="86400")
        page = subprocess.run(["hubbub", "help", "--man", "hubbub"], env=variables, check=True,
                              capture_output=True, text=True, timeout=DEADLINE).stdout
        self.assertIn('"1970-01-02"', page)


class Help(unittest.TestCase):
    def pages(self, program, *command):
        """The help of a command, and of all commands below it."""
        text = printed(program, "help", *command)
        yield " ".join([program, *command]), text
        for word in re.findall(r"^  ([a-z][\w-]*)", text.partition("Subcommands:\n")[2], re.MULTILINE):
            yield from self.pages(program, *command, word)

    def test_no_option_shows_how_the_library_writes_its_checks(self):
        for program, least in [("hubbub", 20), ("hubbub-bench", 10)]:
            pages = dict(self.pages(program))
            self.assertGreaterEqual(len(pages), least)
            for name, text in pages.items():
                self.assertNotRegex(text, r":\{| in \[\S+ - |\b(U?INT|FLOAT|NONNEGATIVE|POSITIVE)\b", name)

    def test_an_option_of_few_words_lists_them(self):
        self.assertIn("PROXY nginx|haproxy REQUIRED", printed("hubbub", "help", "cluster", "proxy-config"))
        self.assertIn("--format jsonl ", printed("hubbub", "help", "db", "export"))


class Versions(unittest.TestCase):
    def test_command_and_option_say_the_same_in_one_line(self):
        for program in ["hubbub", "hubbub-bench"]:
            version = printed(program, "version")
            self.assertRegex(version, rf"^{program} \d+\.\d+\.\d+\n$")
            self.assertEqual(printed(program, "--version"), version)

    def test_a_mistyped_option_of_the_load_tester_is_answered_with_the_nearest(self):
        done = run("hubbub-bench", "fanout", "--conections", "5")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr, "hubbub-bench: hubbub-bench fanout has no option --conections; "
                                      "did you mean --connections? (try hubbub-bench fanout --help)\n")


class Bash(unittest.TestCase):
    def complete(self, *words, program="hubbub"):
        """What bash offers for the last word."""
        script = f'''
            source <({program} completion bash)
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            $(complete -p {program} | sed -E 's/.*-F ([^ ]+).*/\\1/')
            printf '%s\\n' "${{COMPREPLY[@]}}"
        '''
        done = run("bash", "-uc", script, "bash", program, *words, cwd=root)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_commands(self):
        self.assertEqual(self.complete("se"), ["serve"])
        self.assertEqual(self.complete("db", "c"), ["check", "compact", "copy"])
        self.assertIn("token", self.complete(""))
        self.assertEqual(self.complete("help", "se"), ["serve"])
        self.assertIn("upgrade", self.complete("help", ""))
        self.assertEqual(self.complete("help", "rep", program="hubbub-bench"), ["report"])

    def test_options(self):
        self.assertEqual(self.complete("serve", "--ping-"), ["--ping-interval", "--ping-timeout"])
        self.assertEqual(self.complete("db", "export", "--room"), ["--room", "--room-id"])
        self.assertEqual(self.complete("serve", "--port", "5", "--dur"), ["--durability"])

    def test_values(self):
        self.assertEqual(self.complete("serve", "--durability", ""), ["full", "normal"])
        self.assertEqual(self.complete("serve", "--log-level", "=", "w"), ["warning"])
        self.assertEqual(self.complete("completion", ""), ["bash", "zsh", "fish"])
        self.assertEqual(self.complete("serve", "--port", ""), [])

    def test_files(self):
        self.assertEqual(self.complete("serve", "--tls-cert", "READM"), ["README.md"])
        self.assertEqual(self.complete("db", "backup", "CHANGE"), ["CHANGELOG.md"])

    def test_the_load_tester(self):
        self.assertEqual(self.complete("fan", program="hubbub-bench"), ["fanout"])
        self.assertEqual(self.complete("fanout", "--transport", "", program="hubbub-bench"),
                         ["polling", "websocket"])
        self.assertEqual(self.complete("report", "READM", program="hubbub-bench"), ["README.md"])


class Fish(unittest.TestCase):
    def complete(self, line):
        script = f"hubbub completion fish | source; complete -C '{line}'"
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True,
                                  text=True, timeout=DEADLINE, check=True,
                                  env=environment(HOME=home))
        self.assertEqual(done.stderr, "")
        return [each.split("\t")[0] for each in done.stdout.splitlines()]

    def test_commands_options_and_values(self):
        self.assertEqual(self.complete("hubbub se"), ["serve"])
        self.assertEqual(self.complete("hubbub db c"), ["check", "compact", "copy"])
        self.assertEqual(self.complete("hubbub help se"), ["serve"])
        self.assertEqual(self.complete("hubbub serve --ping-"),
                         ["--ping-interval", "--ping-timeout"])
        self.assertEqual(self.complete("hubbub serve --durability "), ["full", "normal"])
        self.assertEqual(self.complete("hubbub serve --port 5 --durability "), ["full", "normal"])


class Zsh(unittest.TestCase):
    def test_commands_options_and_values(self):
        with tempfile.TemporaryDirectory() as home, \
                Terminal("zsh", "-f", "-i", HOME=home, PS1="ready> ") as shell:
            shell.wait_for("ready> ")
            # After each completion the shell says what its line has become.
            shell.type("autoload -U compinit && compinit -u -d $HOME/dump && "
                       "source <(hubbub completion zsh) && "
                       "tell() { zle complete-word; print -r -- \"[$BUFFER]\" } && "
                       "zle -N tell && bindkey '^I' tell && PS1='go''> '\r")
            shell.wait_for("go> ")
            for typed, completed in [
                ("hubbub ser", "hubbub serve "),
                ("hubbub db comp", "hubbub db compact "),
                ("hubbub serve --ping-i", "hubbub serve --ping-interval="),
                ("hubbub serve --port 5 --durability=n", "hubbub serve --port 5 --durability=normal "),
                ("hubbub completion f", "hubbub completion fish "),
                ("hubbub help ser", "hubbub help serve "),
            ]:
                shell.type("\x15" + typed + "\t")
                self.assertIn(f"[{completed}]", shell.wait_for(r"\[hubbub [^\x1b]*\]"))


class Colours(unittest.TestCase):
    def log_at_a_terminal(self, **variables):
        with Terminal("hubbub", "serve", "--port", "0", "--db", ":memory:", **variables) as server:
            return server.wait_for("listens on .*\n")

    def test_a_terminal_sees_them_unless_it_does_not_want_to(self):
        self.assertIn("\x1b[", self.log_at_a_terminal())
        self.assertNotIn("\x1b[", self.log_at_a_terminal(NO_COLOR="1"))
        self.assertIn("\x1b[", self.log_at_a_terminal(NO_COLOR=""))


if __name__ == "__main__":
    unittest.main()
