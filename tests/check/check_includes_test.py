"""The check of include directions finds what it is there to find."""
import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check-includes"


class CheckIncludes(unittest.TestCase):
    def check(self, files):
        """The exit code and output for a tree of {path: text}."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            run = subprocess.run([SCRIPT, folder], capture_output=True, text=True, check=False)
            return run.returncode, run.stdout

    def assert_refused(self, path, include):
        code, output = self.check({
            path: f"#pragma once\n#include {include}\n",
            "proto/ids.hpp": "",
            "persistence/store.hpp": "",
            "persistence/sqlite/sqlite_store.hpp": "",
            "actors/room/room.hpp": "",
            "net/server.hpp": "",
        })
        self.assertEqual(code, 1, output)
        self.assertIn(f"{path}:2: includes {include[1:-1]}: ", output)

    def test_a_tree_that_keeps_to_the_directions_passes(self):
        code, output = self.check({
            "proto/expected.hpp": "#include <tl/expected.hpp>\n#include <string>\n",
            "proto/json/json.cpp": '#include "proto/expected.hpp"\n#include <rapidjson/document.h>\n',
            "persistence/store.hpp": '#include "proto/expected.hpp"\n',
            "persistence/sqlite/sqlite_store.cpp": '#include "persistence/store.hpp"\n#include <sqlite3.h>\n',
            "actors/room/room.hpp": '#include "persistence/store.hpp"\n#include <caf/all.hpp>\n',
            "actors/runtime/pinned.cpp": "#include <boost/asio/post.hpp>\n#include <thread>\n",
            "net/io/listener.cpp": '#include "actors/room/room.hpp"\n#include <boost/beast/http.hpp>\n',
            "tests/net/io/listener_test.cpp": "#include <atomic>\n",
            "bench/client/client.cpp": '#include "proto/expected.hpp"\n#include "bench/histogram.hpp"\n',
            "bench/histogram.hpp": "",
        })
        self.assertEqual((code, output), (0, ""))

    def test_nothing_includes_what_stands_to_the_right_of_it(self):
        self.assert_refused("proto/json/a.hpp", '"persistence/store.hpp"')
        self.assert_refused("persistence/sqlite/a.cpp", '"actors/room/room.hpp"')
        self.assert_refused("actors/room/a.cpp", '"net/server.hpp"')

    def test_actors_see_the_store_interface_and_no_store(self):
        self.assert_refused("actors/room/a.cpp", '"persistence/sqlite/sqlite_store.hpp"')

    def test_json_is_read_and_written_in_sources_of_proto_only(self):
        self.assert_refused("proto/json/a.hpp", "<rapidjson/document.h>")
        self.assert_refused("net/http/a.cpp", "<rapidjson/document.h>")

    def test_sql_stays_in_persistence(self):
        self.assert_refused("actors/room/a.cpp", "<sqlite3.h>")
        self.assert_refused("net/http/a.cpp", "<sqlite3.h>")

    def test_actors_see_of_boost_only_what_pins_them(self):
        self.assert_refused("actors/room/a.cpp", "<boost/beast/http.hpp>")
        self.assert_refused("actors/room/a.cpp", "<boost/asio.hpp>")
        self.assert_refused("proto/json/a.cpp", "<boost/asio/io_context.hpp>")

    def test_actors_exist_in_actors_and_net_only(self):
        self.assert_refused("proto/json/a.cpp", "<caf/all.hpp>")
        self.assert_refused("persistence/sqlite/a.cpp", "<caf/all.hpp>")

    def test_nobody_shares_state(self):
        rooms = {"proto": "json", "persistence": "sqlite", "actors": "room", "net": "http"}
        for folder, room in rooms.items():
            self.assert_refused(f"{folder}/{room}/a.cpp", "<mutex>")
            self.assert_refused(f"{folder}/{room}/a.cpp", "<atomic>")

    def test_includes_are_rooted_at_the_top(self):
        self.assert_refused("net/http/a.cpp", '"server.hpp"')

    def test_a_folder_below_a_folder_is_held_to_the_same(self):
        self.assert_refused("proto/detail/a.hpp", "<rapidjson/document.h>")
        self.assert_refused("proto/detail/a.cpp", '"net/server.hpp"')

    def assert_room_refused(self, path, include, reason, files=()):
        code, output = self.check({path: f"#include {include}\n", include[1:-1]: "", **dict(files)})
        self.assertEqual(code, 1, output)
        self.assertIn(reason, output)

    def test_a_room_includes_what_stands_before_it_in_its_floor_alone(self):
        below = "stands below it"
        self.assert_room_refused("proto/json/a.cpp", '"proto/chat/b.hpp"', below)
        self.assert_room_refused("proto/limits.hpp", '"proto/json/b.hpp"', below)
        self.assert_room_refused("persistence/sqlite/a.cpp", '"persistence/maintenance/b.hpp"', below)
        self.assert_room_refused("actors/interfaces.hpp", '"actors/room/b.hpp"', below)
        self.assert_room_refused("net/io/a.cpp", '"net/server.hpp"', below)
        self.assert_room_refused("bench/client/a.cpp", '"bench/scenario/b.hpp"', below)

    def test_a_file_without_a_place_in_the_table_is_refused(self):
        self.assert_room_refused("proto/cellar/a.cpp", '"proto/ids.hpp"', "has no place in the table")

    def test_the_tests_of_a_floor_see_no_floor_above_it(self):
        self.assert_room_refused("tests/proto/json/a.cpp", '"actors/room/b.hpp"', "may not see it")


if __name__ == "__main__":
    unittest.main()
