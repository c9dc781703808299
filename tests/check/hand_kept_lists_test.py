"""Lists that must agree with a set of kinds: a kind that is added to the code without what the list
wants to know of it does not compile. Each case adds one to a copy of a header and says what the
compiler is to answer; the same source with the header as it is compiles."""
import pathlib
import re
import subprocess
import tempfile
import unittest

root = pathlib.Path(__file__).resolve().parents[2]


def compile_with(source, overlay=None):
    """What g++ says of a source whose headers are looked for in the overlay first."""
    folders = [overlay, root] if overlay else [root]
    return subprocess.run(
        ["g++", "-std=c++20", "-fsyntax-only", "-Wall", "-Werror"]
        + [f"-I{folder}" for folder in folders]
        + ["-x", "c++", "-"],
        input=source,
        capture_output=True,
        text=True,
        cwd="/",  # else what is included by the standard input is looked for in the current folder
        check=False,
    )


class HandKeptLists(unittest.TestCase):
    def refuses(self, header, old, new, source, complaint):
        text = (root / header).read_text()
        self.assertEqual(text.count(old), 1, f"{old!r} in {header}")
        before = compile_with(source)
        self.assertEqual(before.returncode, 0, before.stderr)
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder) / header
            copy.parent.mkdir(parents=True)
            copy.write_text(text.replace(old, new))
            after = compile_with(source, folder)
        self.assertNotEqual(after.returncode, 0, f"{new!r} in {header} compiles")
        self.assertIn(complaint, after.stderr)

    def test_a_store_operation_says_whether_it_may_be_refused(self):
        self.refuses(
            "persistence/write_ops.hpp",
            "using write_op =\n    std::variant<",
            "struct pin_message {};\nusing write_op =\n    std::variant<pin_message, ",
            """
            #include "persistence/store.hpp"
            bool f(const hubbub::write_op& op) { return hubbub::may_be_refused(op); }
            """,
            "may_be_refused",
        )

    def test_a_client_event_says_what_a_room_does_with_it(self):
        self.refuses(
            "proto/chat/chat_command.hpp",
            "using room_command =\n    std::variant<",
            "struct pin_message {};\nusing room_command =\n    std::variant<pin_message, ",
            """
            #include "proto/chat/chat_command.hpp"
            bool f(const hubbub::room_command& command) { return hubbub::is_write(command); }
            """,
            "is_write",
        )

    def test_a_bound_that_refuses_has_a_word_in_the_metrics(self):
        self.refuses(
            "actors/limits/refusal_counter.hpp",
            "enum class refused_by : std::uint8_t {",
            "enum class refused_by : std::uint8_t {\n  pins_per_room,",
            '#include "actors/limits/refusal_counter.hpp"',
            "pins_per_room",
        )

    def test_what_is_rated_has_a_word_in_the_metrics(self):
        self.refuses(
            "actors/limits/rate_settings.hpp",
            "enum class rated : std::uint8_t {",
            "enum class rated : std::uint8_t {\n  pins,",
            '#include "actors/limits/rate_settings.hpp"',
            "pins",
        )

    def test_a_counter_of_the_server_is_summed_up_and_told(self):
        self.refuses(
            "net/io/server_stats.hpp",
            "struct server_stats {",
            "struct server_stats {\n  std::uint64_t pins = 0;",
            '#include "net/io/server_stats.hpp"',
            "every counter of server_stats has a line in server_metrics",
        )

    def test_no_event_of_the_chat_may_be_sent_by_others(self):
        page = (root / "docs/api.md").read_text()
        table = page[page.index("| `new_message` |"):page.index("| `offset` | a string |") + 1]
        named = {"offset"}
        for line in table.splitlines():
            named.update(re.findall(r"`(\w+)`", line.split("|")[1]) if line.startswith("| `") else [])
        source = (root / "proto/chat/chat_event.cpp").read_text()
        listed = source[source.index("is_chat_event"):]
        listed = set(re.findall(r'"(\w+)"', listed[:listed.index(");")]))
        self.assertEqual(listed, named)

    def test_a_message_between_actors_is_listed(self):
        self.refuses(
            "actors/interfaces.hpp",
            "HUBBUB_LOCAL_MESSAGE(hubbub, hubbub::members_changed)\n",
            "",
            """
            #include "actors/interfaces.hpp"
            void f(const hubbub::directory_actor& to) {
              hubbub::compat::anon_send(to, hubbub::members_changed{});
            }
            """,
            "members_changed",
        )

    def test_an_actor_of_the_chat_is_ended_with_the_others(self):
        self.refuses(
            "actors/chat_actors.hpp",
            "struct chat_actors {",
            "struct chat_actors {\n  reader_actor pinner;",
            """
            #include "actors/chat_actors.hpp"
            void f(const hubbub::chat_actors& all) {
              hubbub::for_each_actor(all, [](const auto&) {});
            }
            """,
            "chat_actors",
        )


if __name__ == "__main__":
    unittest.main()
