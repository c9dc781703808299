#include "net/http/embedded_files.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <set>

namespace hubbub {
namespace {

const embedded_file* find(std::string_view name) {
  auto files = embedded_files();
  auto it = std::ranges::find(files, name, &embedded_file::name);
  return it == files.end() ? nullptr : &*it;
}

TEST_CASE("the browser client is built into the program, with its siblings and maps") {
  for (auto name : {"/socket.io/socket.io.js", "/socket.io/socket.io.min.js",
                    "/socket.io/socket.io.esm.min.js"}) {
    const auto* file = find(name);
    REQUIRE(file != nullptr);
    CHECK(file->content.find("Socket.IO v4") != std::string_view::npos);
    CHECK(file->content_type == "text/javascript; charset=utf-8");
    const auto* map = find(std::string(name) + ".map");
    REQUIRE(map != nullptr);
    CHECK(map->content.starts_with('{'));
    CHECK(map->content.ends_with('}'));
    CHECK(map->content_type == "application/json");
  }
}

TEST_CASE("every built-in file has a path of its own, a type and content") {
  std::set<std::string_view> names;
  for (const auto& file : embedded_files()) {
    CHECK((file.name.starts_with('/') || file.name == "admin")); // which net/api serves
    CHECK(names.insert(file.name).second);
    CHECK_FALSE(file.content.empty());
    CHECK_FALSE(file.content_type.empty());
  }
}

} // namespace
} // namespace hubbub
