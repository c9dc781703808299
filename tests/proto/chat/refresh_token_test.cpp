#include "proto/chat/chat_command.hpp"
#include "tests/support/catch.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace hubbub {

TEST_CASE("a newer token is taken from an object, or is the payload itself") {
  const auto token = [](std::string_view payload) {
    const auto document = json::parse(payload, max_json_depth);
    REQUIRE(document);
    const auto command = parse_command("refresh_token", document->root(), {});
    REQUIRE(command);
    return std::get<command::refresh_token>(*command).token;
  };
  CHECK(token(R"({"token":"x.y.z"})") == "x.y.z");
  CHECK(token(R"("x.y.z")") == "x.y.z");
  CHECK(token(R"({"token":""})") == "");
  // Whether a token is required depends on the server, so its absence is no error here.
  for (const auto* none :
       {"{}", "null", "7", R"(["x"])", R"({"token":7})", R"({"Token":"x"})"}) {
    CAPTURE(none);
    CHECK(token(none) == std::nullopt);
  }
  const auto without = parse_command("refresh_token", json::value{}, {});
  REQUIRE(without);
  CHECK(std::get<command::refresh_token>(*without).token == std::nullopt);
}

} // namespace hubbub
