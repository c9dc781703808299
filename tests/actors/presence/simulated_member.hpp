#pragma once

#include "proto/json/json.hpp"
#include "proto/limits.hpp"
#include "tests/actors/chat_world.hpp"
#include "tests/actors/simulated_client.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub::test {

/// A client that keeps its own list of who is in its rooms, from the answers to its joins and
/// from events. It fails the test at the first event that does not fit to that list.
class simulated_member {
 public:
  using milliseconds = std::chrono::milliseconds;
  /// How it is in a room.
  struct place {
    bool is_in = false;    ///< its join was acked, and no leave
    bool is_asked = false; ///< an answer to its join or leave is missing
    milliseconds since{};  ///< when its join was acked
    std::set<std::string> users;
    std::map<std::string, std::int64_t> listed; ///< the last list: connections by user

    [[nodiscard]] bool is_steady() const { return is_in && !is_asked; }
  };
  /// Hears of each user of whom the member is told that they have left.
  using left_watch =
      std::function<void(const std::string& room, const place& where, const std::string& user)>;

  /// Connects; it joins these rooms once it is connected. `coalesced` says that its rooms tell
  /// who comes and goes as large ones do.
  simulated_member(client& subject, std::string user, bool coalesced,
                   std::vector<std::string> rooms)
      : subject_(&subject), user_(std::move(user)), coalesced_(coalesced),
        rooms_(std::move(rooms)) {
    send(R"(40{"username":")" + user_ + "\"}");
  }

  void join(const std::string& room) { ask("join_room", room); }
  /// These ask nothing of a room that it is not in.
  void leave(const std::string& room) {
    if (is_in(room)) ask("leave_room", room);
  }
  void list(const std::string& room) {
    if (is_in(room)) ask("get_members", room);
  }
  void close(close_reason reason) { subject_->close(reason); }

  /// Reads what has come by now.
  void look(milliseconds now, const left_watch& on_left) {
    for (const auto& frame : subject_->take()) {
      if (trace_simulation)
        std::cerr << now.count() << ' ' << user_ << subject_->id().serial << " < " << frame
                  << '\n';
      on_frame(frame, now, on_left);
    }
  }

  [[nodiscard]] const std::string& user() const { return user_; }
  [[nodiscard]] bool is_connected() const { return connected_; }
  [[nodiscard]] bool is_closed() const { return subject_->connection().closed.has_value(); }
  /// Returns its rooms, also those in which it is perhaps.
  [[nodiscard]] const std::map<std::string, place>& places() const { return places_; }

 private:
  void send(const std::string& packet) {
    if (trace_simulation)
      std::cerr << user_ << subject_->id().serial << " > " << packet << '\n';
    subject_->send(packet);
  }
  [[nodiscard]] bool is_in(const std::string& room) const {
    const auto found = places_.find(room);
    return found != places_.end() && found->second.is_in;
  }
  /// Asks something of a room, unless an answer about that room is missing.
  void ask(const std::string& event, const std::string& room) {
    auto& here = places_[room];
    if (here.is_asked) return;
    here.is_asked = event != "get_members";
    asked_[++last_id_] = {event, room};
    send("42" + std::to_string(last_id_) + "[\"" + event + R"(",{"room":")" + room + "\"}]");
  }

  void on_frame(const std::string& frame, milliseconds now, const left_watch& on_left) {
    if (frame.starts_with("40")) {
      connected_ = true;
      for (const auto& room : rooms_)
        join(room);
      return;
    }
    const auto bracket = std::min(frame.find('['), frame.size());
    const auto parsed = json::parse(std::string_view{frame}.substr(bracket), max_json_depth);
    if (!parsed) violated("not a packet: " + frame);
    if (frame.starts_with("43"))
      on_answer(std::stoull(frame.substr(2, bracket - 2)), parsed->root().at(0), now);
    else
      on_event(parsed->root().at(0).string().value_or(""), parsed->root().at(1), on_left);
  }

  void on_answer(std::uint64_t id, json::value answer, milliseconds now) {
    const auto asked = asked_.extract(id);
    if (asked.empty() || answer.find("ok").boolean() != true) violated("refused");
    const auto& [event, room] = asked.mapped();
    auto& here = places_[room];
    if (event == "get_members") return on_list(here, answer);
    here.is_asked = false;
    if (event == "leave_room") {
      places_.erase(room);
      return;
    }
    const auto members = members_in(answer);
    if (!members.contains(user_)) violated("joined without itself");
    if (here.is_in && !coalesced_ && keys_of(members) != here.users)
      violated("another join tells of others than its events");
    if (!here.is_in) here.since = now;
    here.is_in = true;
    here.users = keys_of(members);
  }

  /// A list comes in order with what the member is told.
  void on_list(place& here, json::value answer) {
    here.listed = members_in(answer);
    if (here.is_in && !coalesced_ && keys_of(here.listed) != here.users)
      violated("the list has others than its events");
  }

  void on_event(std::string_view name, json::value payload, const left_watch& on_left) {
    const auto room = text_of(payload, "room");
    const auto found = places_.find(room);
    if (found == places_.end() || !found->second.is_in)
      violated("heard of a room that it is not in");
    auto& here = found->second;
    const auto come = [&](const std::string& who) {
      if (!here.users.insert(who).second && !coalesced_) violated(who + " joined twice");
    };
    const auto go = [&](const std::string& who) {
      if (who == user_) violated("was told that it has left");
      if (here.users.erase(who) == 0 && !coalesced_) violated(who + " left twice");
      on_left(room, here, who);
    };
    if (name == "user_joined") {
      come(text_of(payload, "user_id"));
    } else if (name == "user_left") {
      go(text_of(payload, "user_id"));
    } else if (name == "presence" && coalesced_) {
      for_each_in(payload.find("joined"), come);
      for_each_in(payload.find("left"), go);
    } else {
      violated("unknown event " + std::string{name});
    }
  }

  template <class Act>
  static void for_each_in(json::value users, const Act& act) {
    for (std::size_t i = 0; i < users.size(); ++i)
      act(text_of(users.at(i), "user_id"));
  }
  std::map<std::string, std::int64_t> members_in(json::value answer) const {
    std::map<std::string, std::int64_t> members;
    const auto all = answer.find("members");
    for (std::size_t i = 0; i < all.size(); ++i)
      if (!members.emplace(text_of(all.at(i), "user_id"), number_of(all.at(i), "connections"))
               .second)
        violated("a list names somebody twice");
    if (number_of(answer, "members_total") != std::ssize(members)) violated("a wrong total");
    return members;
  }
  static std::set<std::string> keys_of(const std::map<std::string, std::int64_t>& members) {
    std::set<std::string> keys;
    for (const auto& [user, connections] : members)
      keys.insert(user);
    return keys;
  }
  [[noreturn]] void violated(const std::string& what) const {
    throw std::runtime_error{user_ + std::to_string(subject_->id().serial) + ": " + what};
  }

  client* subject_;
  std::string user_;
  bool coalesced_;
  std::vector<std::string> rooms_; ///< to join when it is connected
  bool connected_ = false;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, std::pair<std::string, std::string>> asked_; ///< event and room
  std::map<std::string, place> places_;
};

} // namespace hubbub::test
