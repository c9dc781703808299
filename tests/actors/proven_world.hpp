#pragma once

#include "tests/actors/chat_world.hpp"
#include "tests/actors/session/tokens.hpp"
#include "tests/support/catch.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace hubbub::test {

/// A chat whose users are proven by tokens, with the lobby as their room.
struct proven_world : chat_world {
  explicit proven_world(world_options options = {}) : chat_world(proven(std::move(options))) {}

  static world_options proven(world_options options) {
    options.auth = test_authenticator();
    return options;
  }
  /// Returns the access of an administrator.
  static access_ptr root() {
    hubbub::access who;
    who.proven = true;
    who.user_id = "root";
    who.scope = access_scope::admin;
    return std::make_shared<const access>(std::move(who));
  }
  /// Returns the auth of a client, without its braces; `claims` are more ones of its token.
  static std::string auth_of(const std::string& name, const std::string& claims = {}) {
    return R"("token":")" + token_with(R"("sub":")" + name + "\"" + claims) + "\"";
  }
  /// Has a client join a room without its history; the number of the packet is 421.
  static void join(client& who, const std::string& room = "lobby") {
    const auto request = R"(421["join_room",{"room":")" + room + R"(","history":0}])";
    REQUIRE(any_has(who.ask(request), "\"ok\":true"));
  }
  /// Connects a client that is in the lobby.
  client& enter(const std::string& name, std::uint32_t thread = 0) {
    auto& who = open(thread);
    REQUIRE(any_has(who.ask("40{" + auth_of(name) + "}"), "40{"));
    join(who);
    return who;
  }
  /// Connects a client that can be recovered, by `pid` if that is not empty.
  client& come(const std::string& name, std::string& pid, texts& came,
               const std::string& claims = {}) {
    auto& who = open();
    came = who.ask(R"(40{"recover":true,)" + auth_of(name, claims) +
                   (pid.empty() ? "" : R"(,"pid":")" + pid + "\"") + "}");
    const auto at = came.front().find(R"("pid":")") + 7;
    pid = came.front().substr(at, came.front().find('"', at) - at);
    return who;
  }
  /// Ends a client's connection, which it did not ask for.
  void lose(client& who) {
    who.close(close_reason::transport_error);
    run();
  }
};

} // namespace hubbub::test
