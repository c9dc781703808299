#include "actors/room/head_poll.hpp"

#include <utility>

namespace hubbub {

head_poll::head_poll(caf::actor_config& config, directory_actor directory, reader_actor reader,
                     std::chrono::milliseconds interval)
    : head_poll_actor::base(config), directory_(std::move(directory)),
      reader_(std::move(reader)), interval_(interval) {}

head_poll::behavior_type head_poll::make_behavior() {
  poll_again();
  return {
      [this](poll_heads) { poll(); },
      [this](const look_at& question) { look(question); },
  };
}

void head_poll::on_exit() {
  directory_ = nullptr;
  reader_ = nullptr;
}

/// The next poll begins an interval after the end of this one, however long it takes.
void head_poll::poll_again() {
  compat::delayed_send(this, head_poll_actor{this}, interval_, poll_heads{});
}

void head_poll::poll() {
  compat::request(this, directory_, caf::infinite, ask_awake{})
      .then([this](const awake_list& rooms) { poll(rooms); },
            [this](const caf::error&) { poll_again(); });
}

void head_poll::poll(const awake_list& rooms) {
  if (rooms.empty()) {
    heads_.clear();
    return poll_again();
  }
  ask_heads question;
  question.rooms.reserve(rooms.size());
  for (const auto& [id, actor] : rooms)
    question.rooms.push_back(id);
  compat::request(this, reader_, caf::infinite, std::move(question))
      .then(
          [this, rooms](const heads_outcome& heads) {
            tell(rooms, heads);
            poll_again();
          },
          [this](const caf::error&) { poll_again(); });
}

void head_poll::tell(const awake_list& rooms, const heads_outcome& heads) {
  if (!heads) return;
  std::unordered_map<room_id, room_position> found;
  for (const auto& head : *heads)
    found.emplace(head.room, head);
  std::unordered_map<room_id, told_head> seen;
  for (const auto& [id, actor] : rooms) {
    const auto head = found.find(id);
    if (head == found.end()) continue;
    const told_head now{actor.id(), head->second.rev};
    const auto before = heads_.find(id);
    if (before == heads_.end() || before->second != now)
      compat::anon_send(actor, log_moved{head->second});
    seen.emplace(id, now);
  }
  heads_ = std::move(seen);
}

/// Tells each of these rooms where its log ends. If the store cannot say so, the next poll
/// does.
void head_poll::look(const look_at& question) {
  ask_heads heads;
  heads.rooms.reserve(question.rooms.size());
  for (const auto& [id, room] : question.rooms)
    heads.rooms.push_back(id);
  compat::request(this, reader_, caf::infinite, std::move(heads))
      .then(
          [rooms = question.rooms](const heads_outcome& found) {
            if (!found) return;
            std::unordered_map<room_id, room_position> ends;
            for (const auto& head : *found)
              ends.emplace(head.room, head);
            for (const auto& [id, room] : rooms)
              if (const auto end = ends.find(id); end != ends.end())
                compat::anon_send(room, log_moved{end->second});
          },
          [](const caf::error&) {});
}

} // namespace hubbub
