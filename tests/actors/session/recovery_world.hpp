#pragma once

#include "actors/session/recovery.hpp"
#include "tests/actors/chat_world.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace hubbub::test {

/// The parts of its session that a client keeps.
struct kept {
  std::string sid;
  std::string pid;
  std::string offset;
};

inline std::string field(const std::string& text, const std::string& name) {
  const auto at = text.find("\"" + name + "\":\"") + name.size() + 4;
  return text.substr(at, text.find('"', at) - at);
}

/// Returns the last string argument of an event, which is how the official client reads an
/// offset.
inline std::string offset_of(const std::string& event) {
  REQUIRE(event.ends_with("\"]"));
  const auto from = event.rfind(",\"") + 2;
  return event.substr(from, event.size() - 2 - from);
}

inline std::string without_offset(const std::string& event) {
  return event.substr(0, event.rfind(",\"")) + "]";
}

inline bool is_offset(const std::string& event) {
  return event.starts_with(R"(42["offset",)");
}

/// Returns the events as a client without recovery would see them.
inline texts without_offsets(texts events) {
  std::erase_if(events, is_offset);
  for (auto& each : events)
    if (each.starts_with("42") && each.ends_with("\"]")) each = without_offset(each);
  return events;
}

/// Takes the last offset of what came, as the official client does, and returns what came.
inline texts heard(kept& session, texts came) {
  for (const auto& each : came)
    if (each.starts_with("42") && each.ends_with("\"]")) session.offset = offset_of(each);
  return came;
}

struct recovery_world : chat_world {
  explicit recovery_world(world_options options = {}) : chat_world(std::move(options)) {}

  /// Connects with this auth object; returns the answer to the CONNECT, and what came after it.
  texts come(client& who, const std::string& auth) { return who.ask("40" + auth); }

  client& fresh(std::string_view name, kept& session) {
    auto& who = open();
    const auto came = come(who, R"({"recover":true,"username":")" + std::string{name} + "\"}");
    REQUIRE(came.size() == 1);
    session = {field(came[0], "sid"), field(came[0], "pid"), ""};
    REQUIRE(session.pid.size() >= 22);
    return who;
  }
  client& fresh_member(std::string_view name, kept& session) {
    auto& who = fresh(name, session);
    join(who, session, "lobby");
    return who;
  }
  static void join(client& who, kept& session, const std::string& room) {
    const auto came =
        heard(session, who.ask(R"(421["join_room",{"room":")" + room + R"(","history":0}])"));
    REQUIRE(any_has(came, "\"ok\":true"));
    REQUIRE(is_offset(came.back()));
  }
  static std::string auth_of(const kept& session, const std::string& name = "ann") {
    auto auth = R"({"recover":true,"username":")" + name + R"(","pid":")" + session.pid + "\"";
    if (!session.offset.empty()) auth += R"(,"offset":")" + session.offset + "\"";
    return auth + "}";
  }
  /// Comes back; returns the answer to the CONNECT and what the client missed.
  texts come_back(const kept& session) { return come(open(), auth_of(session)); }
  /// Comes back with a client that goes on, and returns it with what it missed, without the
  /// offsets.
  std::pair<client*, texts> back(kept& session) {
    auto& who = open();
    const auto came = heard(session, come(who, auth_of(session)));
    REQUIRE_FALSE(came.empty());
    REQUIRE(came[0] == R"(40{"sid":")" + session.sid + R"(","pid":")" + session.pid + R"("})");
    return {&who, without_offsets({came.begin() + 1, came.end()})};
  }
};

inline bool is_recovered(const texts& came, const kept& session) {
  REQUIRE_FALSE(came.empty());
  REQUIRE(came[0].starts_with("40{"));
  return came[0] == R"(40{"sid":")" + session.sid + R"(","pid":")" + session.pid + R"("})";
}

} // namespace hubbub::test
