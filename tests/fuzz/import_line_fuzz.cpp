// Lines of an export with arbitrary bytes: an operator may be handed one.
#include "persistence/maintenance/import_line.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/chat/standing_json.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace {

using namespace hubbub;
using namespace hubbub::test;

void require_text(std::string_view text) {
  require(valid_utf8(text) && text.find('\0') == std::string_view::npos);
}

/// Returns a message as an export writes it.
std::string written(const message& each) {
  return message_json(each, "lobby");
}
std::string written(const standing& each) {
  return R"({"standing":)" + standing_json(each) + "}";
}
std::string written(const op::change_room& each) {
  std::string text;
  json::writer out{text};
  out.begin_object().key("room").begin_object().field("private", *each.is_private);
  if (each.owner) out.field("owner", *each.owner);
  if (each.is_closed) out.field("closed", *each.is_closed);
  out.end_object().end_object();
  return text;
}

void check(const message& each) {
  for (const auto& text : {each.user_id, each.username, each.content})
    require_text(text);
  if (each.client_id) require_text(*each.client_id);
  require(!each.user_id.empty());
  require(each.content.empty() == each.deleted_at.has_value());
}
void check(const standing& each) {
  for (const auto& text : {each.user_id, each.by, each.reason})
    require_text(text);
  require(!each.user_id.empty() && !each.by.empty());
}
void check(const op::change_room& each) {
  require(each.is_private.has_value());
  if (each.owner) require_text(*each.owner);
}

std::string written(const import_line& line) {
  return std::visit([](const auto& each) { return written(each); }, line);
}

} // namespace

/// Checks that a parsed line is valid, and stays the same when it is written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = read_import_line({reinterpret_cast<const char*>(data), size});
  if (!read) {
    require(!read.error().empty());
    return 0;
  }
  std::visit([](const auto& each) { check(each); }, *read);
  // A time that four digits of a year cannot express is written as the nearest one that they
  // can.
  const auto once = read_import_line(written(*read));
  require(once.has_value() && once->index() == read->index());
  const auto twice = read_import_line(written(*once));
  require(twice.has_value() && written(*twice) == written(*once));
  return 0;
}
