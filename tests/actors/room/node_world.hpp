#pragma once

#include "actors/room/room.hpp"
#include "tests/actors/session/recovery_world.hpp"
#include "tests/actors/shared_log.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace hubbub::test {

/// One node of several. What the others do is done to the store directly.
struct node_world : recovery_world {
  explicit node_world(std::shared_ptr<shared_log> store = std::make_shared<shared_log>())
      : recovery_world(options(store)), shared(std::move(store)) {}

  static world_options options(const std::shared_ptr<shared_log>& store) {
    world_options made;
    made.settings.open_edit = true;
    made.shared = store;
    return made;
  }

  void say_elsewhere(const std::string& user, const std::string& content,
                     std::optional<std::string> client_id = std::nullopt) const {
    const op::append_message op{room_id{1}, user, user, content, std::move(client_id)};
    REQUIRE(std::holds_alternative<appended>(shared->write(op, noon)));
  }
  void edit_elsewhere(std::int64_t seq, const std::string& user,
                      const std::string& content) const {
    const op::edit_message op{room_id{1}, sequence{seq}, user, content};
    REQUIRE(std::holds_alternative<changed>(shared->write(op, noon)));
  }
  void delete_elsewhere(std::int64_t seq, const std::string& user) const {
    const op::delete_message op{room_id{1}, sequence{seq}, user};
    REQUIRE(std::holds_alternative<changed>(shared->write(op, noon)));
  }
  /// Tells the room where its log ends, as the head poll does.
  void tell_head() {
    const auto record = *shared->log->find_room(room_id{1});
    compat::anon_send(rooms.back(), log_moved{{record.id, record.last_seq, record.last_rev}});
  }

  std::shared_ptr<shared_log> shared;
};

inline std::string send_message(const std::string& content) {
  return R"(422["send_message",{"room":"lobby","content":")" + content + "\"}]";
}

/// Returns the events as a short text: `+` a message, `~` an edit, `-` a deletion, `!` a gap,
/// `=` an ack, each with the seq and the rev.
inline std::string shown(const texts& came) {
  std::string text;
  for (const auto& each : came) {
    if (is_offset(each)) continue;
    const auto number = [&each](const std::string& name) {
      const auto at = each.find("\"" + name + "\":");
      return at == std::string::npos
                 ? std::string{}
                 : std::to_string(std::stoll(each.substr(at + name.size() + 3)));
    };
    const char kind = each.starts_with(R"(42["new_message")")       ? '+'
                      : each.starts_with(R"(42["message_edited")")  ? '~'
                      : each.starts_with(R"(42["message_deleted")") ? '-'
                      : each.starts_with(R"(42["gap")")             ? '!'
                      : each.starts_with("43")                      ? '='
                                                                    : '?';
    if (kind == '!')
      text += "!" + number("from_seq") + "-" + number("to_seq") + " ";
    else
      text += kind + number("seq") + "@" + number("rev") + " ";
  }
  return text;
}

} // namespace hubbub::test
