#include "proto/own_event.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace hubbub;

TEST_CASE("an event that is stored as a message comes back as it was") {
  const auto content = stored_content({"polled", R"({"id":1},"text")", "What shall\nwe eat?"});
  REQUIRE(is_own_event(content));
  const auto read = read_own_event(content);
  REQUIRE(read);
  CHECK(read->name == "polled");
  CHECK(read->args == R"({"id":1},"text")");
  CHECK(read->text == "What shall\nwe eat?");
  CHECK(readable_text(content) == "What shall\nwe eat?");
  const auto bare = stored_content({"ping", "", ""});
  REQUIRE(read_own_event(bare));
  CHECK(read_own_event(bare)->args.empty());
  CHECK(readable_text(bare).empty());
}

TEST_CASE("what people write is no event") {
  for (const std::string content :
       {"", "hello", "\n", "polled\n\n", "\n\x1e", "\n\x1epolled\n1", "\n\x1e\n1\n",
        "\n\x1epol\tled\n1\n", "\n\x1epolled\n],[\n", "\n\x1epolled\n{\n"}) {
    INFO(content);
    CHECK_FALSE(read_own_event(content));
    CHECK(readable_text(content) == content);
    CHECK(with_readable_text(content, "new") == "new");
  }
}

TEST_CASE("an event with another text keeps its name and its arguments") {
  const auto before = stored_content({"polled", "1,2", "old"});
  CHECK(with_readable_text(before, "new") == stored_content({"polled", "1,2", "new"}));
}

TEST_CASE("the arguments of an event that is stored nest only so deep") {
  const auto nested = [](std::size_t depth) {
    return stored_content({"polled", std::string(depth, '[') + std::string(depth, ']'), ""});
  };
  CHECK(read_own_event(nested(max_own_event_depth - 1)));
  CHECK_FALSE(read_own_event(nested(max_own_event_depth)));
}
