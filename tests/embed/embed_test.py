"""Uses the library as other projects do. HUBBUB_BUILD is a build folder with the library in it."""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

from bad_network import BadNetwork

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["HUBBUB_BUILD"])
COMPILERS = [c for c in ("g++", "clang++") if shutil.which(c)]
STRICT = ["-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
# So that a process that hangs fails its test.
PATIENCE = 500
OBJECTS = tempfile.TemporaryDirectory()


def run(*command, **more):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False,
                          timeout=PATIENCE, **more)
    if done.returncode != 0:
        raise AssertionError(f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}")
    return done.stdout


def both(work, all_of):
    """Calls a function for each of a list, two at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(work, all_of))


def public_names(headers):
    """What the headers mark as visible: the names of classes, and those of functions."""
    text = "".join(h.read_text() for h in headers if h.name != "export.hpp")
    classes = set(re.findall(r"(?:class|struct) HUBBUB_EXPORT (\w+)", text))
    functions = set(re.findall(r"HUBBUB_EXPORT (?!\w+ [{:])[^;{(]*?(\w+)\(", text))
    return classes, functions


def is_public(name, classes, functions):
    """Whether a symbol is of a class that is marked, or a function that is."""
    kind = re.match(r"(?:(?:typeinfo|typeinfo name|vtable) for )?(hubbub::[\w:~]+)", name)
    *scopes, last = kind.group(1).split("::") if kind else [""]
    return bool(classes & {*scopes, last}) or last in functions


class Package(unittest.TestCase):
    """An installed library: here the static one, which BUILD has built."""

    objects = {}  # compiled once, whatever they are linked with

    @classmethod
    def build(cls):
        return BUILD

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        root = pathlib.Path(cls.folder.name) / "root"
        run("cmake", "--install", cls.build(), "--component", "development", env={**os.environ, "DESTDIR": str(root)})
        (cls.config,) = root.rglob("HubbubConfig.cmake")
        cls.prefix = cls.config.parents[3]
        if not (cls.prefix / "include").is_dir():  # lib/x86_64-linux-gnu/cmake/Hubbub
            cls.prefix = cls.prefix.parent
        cls.include = cls.prefix / "include"
        cls.headers = sorted((cls.include / "hubbub").rglob("*.hpp"))

    def work(self, name):
        made = pathlib.Path(self.folder.name) / name
        made.mkdir(exist_ok=True)
        return made

    def compile(self, source, package="hubbub"):
        """Compiles a program and links it with what pkg-config says."""
        (folder,) = {p.parent for p in self.prefix.rglob("hubbub.pc")}
        here = {**os.environ, "PKG_CONFIG_PATH": str(folder)}
        if source not in self.objects:
            flags = run("pkg-config", "--cflags", package, env=here).split()
            made = pathlib.Path(OBJECTS.name) / (source.replace("/", "-") + ".o")
            run("g++", *STRICT, "-c", ROOT / source, "-o", made, *flags)
            self.objects[source] = made
        flags = run("pkg-config", "--libs", package, env=here).split()
        program = self.work("plain") / self.objects[source].stem
        run("g++", self.objects[source], "-o", program, f"-Wl,-rpath,{folder.parent}", *flags)
        return program

    def run_minimal(self, program):
        said = run(program, "127.0.0.1:0", input="")
        self.assertRegex(said, r"^a chat at http://127\.0\.0\.1:\d+\n$")
        refused = subprocess.run([program, "nowhere"], capture_output=True, text=True, check=False, timeout=PATIENCE)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("bad_config: listen: `nowhere`", refused.stderr)

    def run_packets(self, program):
        self.assertEqual(run(program), '["hello"]\n')

    def find_protocol(self):
        """Builds a program that finds the protocol alone, by CMake."""
        folder = self.work("proto")
        (folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(alone LANGUAGES CXX)\n"
            "find_package(Hubbub 0.1 CONFIG REQUIRED COMPONENTS proto)\n"
            "if(TARGET Hubbub::caf)\n  message(FATAL_ERROR \"the protocol needs no CAF\")\nendif()\n"
            f"add_executable(packets {ROOT}/tests/embed/added/packets.cpp)\n"
            "target_link_libraries(packets PRIVATE Hubbub::proto)\n")
        run("cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", folder / "build")
        return folder / "build/packets"

    def build_example(self, example, compiler, *options):
        out = self.work("examples-" + compiler) / example
        run("cmake", "-S", ROOT / "examples" / example, "-B", out, "-G", "Ninja",
            f"-DCMAKE_CXX_COMPILER={compiler}", f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_CXX_FLAGS={' '.join([*STRICT[1:], *options])}")
        run("cmake", "--build", out, "-j1")
        return out / example


class Installed(Package):
    def test_nothing_but_the_public_is_installed(self):
        installed = {p.relative_to(self.include).as_posix() for p in self.include.rglob("*") if p.is_file()}
        self.assertTrue(all(re.fullmatch(r"hubbub/\w+\.hpp", each) for each in installed), installed)
        tree = {p.relative_to(ROOT / "include").as_posix() for p in (ROOT / "include").rglob("*.hpp")}
        self.assertEqual(installed, tree)

    def test_each_header_stands_alone(self):
        def compile_alone(pair):
            source = f"#include <hubbub/{pair[0].name}>\n#include <hubbub/{pair[0].name}>\n"
            run(pair[1], *STRICT, "-I", self.include, "-fsyntax-only", "-x", "c++", "-", input=source)

        both(compile_alone, [(header, compiler) for header in self.headers for compiler in COMPILERS])
        for name, hidden in [("hubbub.hpp", []), ("proto.hpp", ["caf/"])]:
            used = run("g++", "-std=c++20", "-I", self.include, "-M", "-x", "c++", "-",
                       input=f"#include <hubbub/{name}>\n")
            for each in ["boost/", "rapidjson/", "sqlite3.h", "libpq-fe.h", *hidden]:
                self.assertNotIn(each, used, name)

    def test_only_the_public_is_visible(self):
        (archive,) = self.prefix.rglob("libhubbub.a")
        shown = set()
        # Num: Value Size Type Bind Vis Ndx Name
        for line in run("sh", "-c", f"readelf -Ws {archive} | c++filt").splitlines():
            fields = line.split(maxsplit=7)
            if len(fields) == 8 and fields[4] == "GLOBAL" and fields[5] == "DEFAULT" and fields[6] != "UND":
                shown.add(fields[7])
        classes, functions = public_names(self.headers)
        ours = [name for name in shown if name.startswith("hubbub::")]
        self.assertTrue(any(name.startswith("hubbub::broker::") for name in ours), ours)
        for name in ours:
            self.assertTrue(is_public(name, classes, functions), f"{name} is visible")

    def test_the_examples_build_and_run(self):
        examples = sorted(p.parent.name for p in (ROOT / "examples").glob("*/CMakeLists.txt"))
        # The sanitizer sees the example and what our headers bring into it.
        both(lambda example: self.build_example(example, "g++", "-fsanitize=address"), examples)
        for example in examples:
            with self.subTest(example=example):
                getattr(self, "try_" + example)(self.work("examples-g++") / example / example)

    def test_clang_links_the_library(self):
        if "clang++" not in COMPILERS:
            self.skipTest("clang is not installed")
        self.run_minimal(self.build_example("minimal", "clang++"))

    def start(self, *command):
        process = subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

        def end():
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()

        self.addCleanup(end)
        return process

    def expect(self, process, pattern):
        """Reads lines until one matches; the whole test has a time limit."""
        for line in process.stdout:
            found = re.search(pattern, line)
            if found:
                return found
        raise AssertionError(f"it ended without {pattern}")

    def try_minimal(self, program):
        self.run_minimal(program)

    def try_no_sockets(self, program):
        self.assertEqual(run(program), "Ann: hello\nAnn: how are you?\nAnn: bye\n")

    def try_bot(self, program):
        process = self.start(program, "127.0.0.1:0")
        url = self.expect(process, r"a chat at (.+)").group(1)
        self.expect(process, "the bot is there")
        body = json.dumps({"room": "lobby", "username": "ann", "content": "!echo hi"}).encode()
        urllib.request.urlopen(urllib.request.Request(url + "/messages", body), timeout=PATIENCE).close()
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with urllib.request.urlopen(url + "/api/messages/1", timeout=PATIENCE) as answer:
                said = [(each["username"], each["content"]) for each in json.load(answer)["messages"]]
            if len(said) == 2:
                break
        self.assertEqual(said, [("ann", "!echo hi"), ("Echo", "hi")])

    def run_client(self, script, url):
        """Runs the official socket.io-client against an example."""
        run("node", ROOT / "tests/embed/clients" / script, url, cwd=ROOT)

    def try_moderator(self, program):
        process = self.start(program, "127.0.0.1:0", "rubbish")
        url = self.expect(process, r"a chat at (.+)").group(1)
        self.run_client("moderator.mjs", url)
        self.expect(process, "eve is muted")

    def try_game(self, program):
        process = self.start(program, "127.0.0.1:0")
        self.run_client("game.mjs", self.expect(process, r"a game at (.+)").group(1))

    def try_bridge(self, program):
        folder = self.work("bridge")
        for lines in ["one\ntwo\n", "three\n"]:
            run(program, folder / "chat.db", folder / "mirror.txt", input=lines)
        self.assertEqual((folder / "mirror.txt").read_text(), "Ann: one\nAnn: two\nAnn: three\n")

    def try_remote(self, program):
        rooms = self.start(program)
        port = self.expect(rooms, r"port (\d+)").group(1)
        self.expect(rooms, "subscribed")
        bob = self.start(program, port, "bob")
        self.expect(bob, "subscribed")
        self.expect(rooms, "bob joined")
        bob.stdin.write("hello\n")
        bob.stdin.flush()
        self.expect(rooms, "bob: hello")
        self.expect(bob, "bob: hello")
        bob.kill()
        self.expect(rooms, "bob left")
        eve = self.start(program, port, "eve")
        self.expect(eve, "subscribed")
        self.expect(rooms, "eve joined")
        rooms.kill()
        self.expect(eve, "over: unreachable")

    def test_a_remote_member_comes_back_through_a_bad_network(self):
        program = self.compile("tests/embed/added/far.cpp")
        rooms = self.start(program)
        port, url = self.expect(rooms, r"rooms at (\d+) (\S+)").groups()
        network = BadNetwork(int(port))
        self.addCleanup(network.close)
        far = self.start(program, network.port)
        told = 0
        troubles = [lambda: None, network.stall, lambda: network.swallow("to_client"),
                    lambda: network.swallow("to_server"), network.cut]
        for trouble in troubles:
            for part in range(2):  # some that are on their way when it happens, and some after it
                for _ in range(25):
                    body = json.dumps({"room": "lobby", "username": "ann", "content": "hello"}).encode()
                    urllib.request.urlopen(urllib.request.Request(url + "/messages", body), timeout=PATIENCE).close()
                if part == 0:
                    trouble()
            for _ in range(50):  # every one, once and in order
                told += 1
                found = self.expect(far, r"message (\d+)|ended elsewhere")
                self.assertEqual(found.group(1), str(told))
        # Those that were lost without a word do not stay in the room.
        until = time.monotonic() + PATIENCE
        connections = 0
        while connections != "1" and time.monotonic() < until:
            rooms.stdin.write("far\n")
            rooms.stdin.flush()
            connections = self.expect(rooms, r"in the lobby: (\d+)").group(1)
            time.sleep(0.1)
        self.assertEqual(connections, "1")

    def test_a_node_of_another_version_is_refused(self):
        said = self.start(self.compile("tests/embed/added/other_version.cpp"))
        self.expect(said, "this: connected")
        self.expect(said, r"next: other_version: the other node runs Hubbub \S+, this one \S+:")
        self.expect(said, "small: other_version: what the other node publishes is no gateway")

    def test_pkg_config_is_enough(self):
        self.run_minimal(self.compile("examples/minimal/main.cpp"))
        self.run_packets(self.compile("tests/embed/added/packets.cpp", "hubbub_proto"))

    def test_another_version_of_caf_is_not_found(self):
        caf = self.work("caf")
        for name, text in [("include/caf/all.hpp", ""), ("include/caf/config.hpp", "#define CAF_VERSION 10002\n"),
                           ("lib/libcaf_core.a", "")]:
            (caf / name).parent.mkdir(parents=True, exist_ok=True)
            (caf / name).write_text(text)
        (caf / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(newer LANGUAGES CXX)\n"
            "find_package(Hubbub 0.1 CONFIG)\n"
            "if(NOT Hubbub_FOUND)\n  message(STATUS \"refused: ${Hubbub_NOT_FOUND_MESSAGE}\")\nendif()\n")
        said = run("cmake", "-S", caf, "-B", caf / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}",
                   f"-DHUBBUB_CAF_ROOT={caf}")
        self.assertIn("refused: CAF 0.17 is not there", said)
        refused = subprocess.run(["g++", "-std=c++20", "-I", caf / "include", "-I", self.include, "-fsyntax-only", "-x", "c++", "-"],
                                 input="#include <hubbub/values.hpp>\n", capture_output=True, text=True, check=False,
                                 timeout=PATIENCE)
        self.assertIn("Hubbub works with CAF 0.17 alone", refused.stderr)

    def test_a_host_keeps_its_own_types_of_messages(self):
        self.assertEqual(run(self.compile("tests/embed/added/types.cpp")), "7\n")

    def test_a_host_brings_its_own_store_check_and_threads(self):
        self.assertEqual(run(self.compile("tests/embed/added/own.cpp")), "stored 1\n")

    def test_cmake_finds_the_protocol_alone(self):
        self.run_packets(self.find_protocol())


class Shared(Package):
    """The same with BUILD_SHARED_LIBS, linked of what BUILD has compiled."""

    @classmethod
    def build(cls):
        made = pathlib.Path(cls.folder.name) / "build"
        run("cmake", "-S", ROOT, "-B", made, "-G", "Ninja", "-DBUILD_SHARED_LIBS=ON", f"-DHUBBUB_COMPILED={BUILD}",
            "-DCMAKE_BUILD_TYPE=Release", "-DHUBBUB_PROGRAMS=OFF", "-DBUILD_TESTING=OFF")
        run("cmake", "--build", made, "-j2")
        return made

    def test_a_shared_library_shows_what_is_public_and_nothing_else(self):
        classes, functions = public_names(self.headers)
        shown = []
        for library in ["hubbub", "hubbub_proto"]:
            (file,) = self.prefix.rglob(f"lib{library}.so")
            names = run("nm", "-D", "--defined-only", "-C", file).splitlines()
            shown += [line.split(maxsplit=2)[2] for line in names]  # value, type, name
        for name in shown:
            self.assertTrue(is_public(name, classes, functions), f"{name} is visible")
        for name in classes | functions:
            self.assertTrue(any(re.search(rf"\b{name}\b", each) for each in shown), f"{name} is hidden")

    def test_programs_use_it(self):
        self.run_minimal(self.build_example("minimal", "g++"))
        self.run_packets(self.find_protocol())
        self.assertEqual(run(self.compile("tests/embed/added/own.cpp")), "stored 1\n")
        self.assertEqual(run(self.compile("tests/embed/added/types.cpp")), "7\n")
        program = self.compile("tests/embed/added/packets.cpp", "hubbub_proto")
        self.run_packets(program)
        self.assertIn("libhubbub_proto.so.", run("readelf", "-d", program))


class Added(unittest.TestCase):
    def test_the_source_tree_is_part_of_another_project(self):
        with tempfile.TemporaryDirectory() as folder:
            # Unoptimised, and the files of a folder together: this is about the project's files.
            run("cmake", "-S", ROOT / "tests/embed/added", "-B", folder, "-G", "Ninja", f"-DHUBBUB_SOURCE={ROOT}",
                "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0", "-DCMAKE_UNITY_BUILD=ON")
            run("cmake", "--build", folder, "-j2", "--target", "packets")
            self.assertEqual(run(pathlib.Path(folder) / "packets"), '["hello"]\n')
            commands = run("ninja", "-C", folder, "-t", "commands", "minimal")
            link = commands.splitlines()[-1]
            self.assertIn("libhubbub.a", link)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
