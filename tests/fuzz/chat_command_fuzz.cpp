#include "proto/chat/chat_command.hpp"
#include "proto/json/text.hpp"
#include "proto/overloaded.hpp"
#include "tests/fuzz/require.hpp"

#include <cstdint>

namespace {

using namespace hubbub;
using namespace hubbub::test;

const chat_limits limits;

void require_name(std::string_view name) {
  require(clean_name(name, 64, "name") == name);
}

void require_reason(std::string_view reason) {
  require(reason.empty() || clean_name(reason, max_reason, "reason") == reason);
}

void require_seq(std::optional<sequence> seq) {
  require(!seq || seq->value >= 0);
}

/// Checks that every value is within its documented bounds.
struct checker {
  void operator()(const command::join_room& c) const {
    require(c.history >= 0 && c.history <= max_history);
    require_seq(c.since);
    if (c.username && *c.username) require_name(**c.username);
  }
  void operator()(const command::leave_room&) const {}
  void operator()(const command::send_message& c) const {
    require(clean_content(c.content, limits.content) == c.content);
    if (!c.client_id) return;
    require(valid_utf8(*c.client_id) && !has_control(*c.client_id));
    require(!c.client_id->empty() && count_characters(*c.client_id) <= limits.client_id);
  }
  void operator()(const command::edit_message& c) const {
    require(c.seq.value >= 1);
    require(clean_content(c.content, limits.content) == c.content);
  }
  void operator()(const command::delete_message& c) const { require(c.seq.value >= 1); }
  void operator()(const command::mark_read& c) const { require(c.seq.value >= 0); }
  void operator()(const command::set_typing&) const {}
  void operator()(const command::get_messages& c) const {
    const auto& page = c.page;
    require(page.limit >= 1 && page.limit <= max_page);
    for (const auto& seq : {page.before, page.after, page.around})
      require_seq(seq);
    require(!page.around || (!page.before && !page.after));
  }
  void operator()(const command::search_messages& c) const {
    const auto& [q, user_id, offset, limit] = c.terms;
    require(!q.empty() && q == trim(q) && valid_utf8(q) && count_characters(q) <= max_search);
    require(offset >= 0 && offset <= max_search_offset);
    require(limit >= 1 && limit <= max_search_page);
  }
  void operator()(const command::get_members& c) const {
    require(c.limit >= 1 && c.limit <= max_member_page);
    require(!c.after || valid_utf8(*c.after));
  }
  void operator()(const command::configure_room& c) const {
    require(c.is_private || c.owner || c.is_closed);
    if (c.owner) require_name(*c.owner);
  }
  void operator()(const command::put_standing& c) const {
    require_name(c.user_id);
    require_reason(c.reason);
  }
  void operator()(const command::lift_standing& c) const { require_name(c.user_id); }
  void operator()(const command::kick_user& c) const {
    require_name(c.user_id);
    require_reason(c.reason);
  }
  void operator()(const command::get_standings& c) const {
    require(c.limit >= 1 && c.limit <= max_standing_page);
    require(!c.after || valid_utf8(*c.after));
  }
};

void check_room(const room_ref& room) {
  if (const auto* name = std::get_if<std::string>(&room))
    require_name(*name);
  else
    require(std::get<room_id>(room).value > 0);
}

void check_error(const error& e) {
  using enum error_code;
  require(e.code == bad_request || e.code == too_large || e.code == unknown_event);
  require(!e.message.empty() && valid_utf8(e.message));
}

} // namespace

/// Takes the event's name from the first line, and its payload from the rest.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto line = input.find('\n');
  if (line == std::string_view::npos) return 0;
  const auto document = json::parse(input.substr(line + 1), max_json_depth);
  if (!document) return 0;
  const auto command = parse_command(input.substr(0, line), document->root(), limits);
  if (command) {
    std::visit(overloaded{[](const room_command& wanted) {
                            std::visit(checker{}, wanted);
                            std::visit([](const auto& c) { check_room(c.room); }, wanted);
                          },
                          [](const command::refresh_token&) {}},
               *command);
  } else {
    check_error(command.error());
  }
  return 0;
}
