#pragma once

#include "actors/room/room.hpp"
#include "actors/room/room_lease.hpp"
#include "tests/actors/chat_world.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace hubbub::test {

/// Returns the rights of a user whose name is proven.
inline access_ptr proven(std::string user, access_scope scope = access_scope::write) {
  hubbub::access who;
  who.proven = true;
  who.user_id = std::move(user);
  who.scope = scope;
  return std::make_shared<const access>(std::move(who));
}

/// The body of an answer, or the error.
using order_outcome = expected<std::string, error>;

/// A chat with moderation orders over HTTP, and requests of sockets whose users are proven.
struct moderated_world : chat_world {
  using chat_world::chat_world;

  order_outcome order(room_moderation what,
                      const access_ptr& who = proven("root", access_scope::admin)) {
    const auto found = ask<resolve_outcome>(directory, resolve_room{"lobby", true, "olga"});
    REQUIRE(found);
    return ask<call_outcome>((*found)->room(), order_of(who, std::move(what)))
        .map([](const call_answer& answer) { return answer.body; });
  }
  /// Sends an order whose answer nobody waits for.
  void send_order(room_moderation what) {
    const auto who = proven("root", access_scope::admin);
    compat::anon_send(rooms.front(), order_of(who, std::move(what)));
  }
  order_outcome put(standing_kind kind, std::string user,
                    std::optional<timestamp> until = std::nullopt) {
    return order(command::put_standing{{}, kind, std::move(user), until, {}});
  }
  order_outcome lift(standing_kind kind, std::string user) {
    return order(command::lift_standing{{}, kind, std::move(user)});
  }
  order_outcome set_private(bool is_private) {
    return order(command::configure_room{{}, is_private, std::nullopt});
  }
  /// Returns what a client whose name is proven would get for this command.
  texts as(client& socket, const access_ptr& who, room_command command) {
    const auto found = ask<resolve_outcome>(directory, resolve_room{"lobby", true, "olga"});
    REQUIRE(found);
    request((*found)->room(), socket, who, std::move(command));
    run();
    return socket.take();
  }
  /// Sends what a client asks for whose name is proven; the answer has this number.
  static void request(const room_actor& room, const client& socket, const access_ptr& who,
                      room_command command, std::uint64_t number = 9) {
    const auto name =
        std::make_shared<const user>(user{who->user_id, who->user_id, nullptr, who});
    compat::anon_send(room, room_request{socket_asker{socket.id(), ack_id{number}, "event"},
                                         name, std::move(command)});
  }
  static command::join_room joining() {
    command::join_room command;
    command.room = "lobby";
    command.history = 0;
    return command;
  }
};

inline bool refused(const order_outcome& outcome, error_code code) {
  return !outcome && outcome.error().code == code && !outcome.error().message.empty();
}

} // namespace hubbub::test
