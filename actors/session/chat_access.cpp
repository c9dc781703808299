// How long the client may stay, and what a newer token changes.
#include "actors/room/room_lease.hpp"
#include "actors/session/chat.hpp"
#include "proto/access/permissions.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/json/text.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace hubbub {
namespace {

/// Returns `{"ok":true,"expires_at":…,"left":[…]}`.
std::string refreshed_json(const access& allowed, const std::vector<room_id>& left) {
  std::string body;
  json::writer out{body};
  out.begin_object().field("ok", true).key("expires_at");
  if (allowed.expires_at)
    out.string(to_rfc3339(*allowed.expires_at));
  else
    out.null();
  out.key("left").begin_array();
  for (const auto room : left)
    out.integer(room.value);
  out.end_array().end_object();
  return body;
}

} // namespace

void chat::on_time() {
  if (beside_) beside_->on_time();
  if (!self_->socket().connected(main_namespace)) return;
  seats_.hear_all(out_->join_outcomes);
  if (who_.expired())
    expire();
  else
    await_expiry();
}

void chat::await_expiry() {
  if (const auto wait = who_.next_check())
    out_->wake_session_at(std::chrono::steady_clock::now() + *wait);
}

/// Tells the client that its token expired, and that it must not reconnect by itself.
void chat::expire() {
  auto& socket = self_->socket();
  socket.emit(main_namespace, "token_expired",
              R"({"code":"token_expired","message":"the token has expired"})");
  socket.disconnect(main_namespace, close_reason::token_expired);
}

/// Counts the connection, now that the client has a name.
void chat::count_connection() {
  const auto& name = who_->user_id;
  if (name.empty()) return;
  compat::request(self_, setup_->actors.connection_counter, caf::infinite, user_arrived{name})
      .then(
          [this, asker = id_](bool may_stay) {
            if (may_stay || asker != id_) return;
            // After a DISCONNECT the client does not reconnect by itself.
            answer({std::nullopt, "connect", {}},
                   {error_code::limit_exceeded,
                    "a user may have " + std::to_string(settings().connections_per_user) +
                        " connections at once"});
            self_->socket().disconnect(main_namespace, close_reason::server_disconnect);
          },
          [](const caf::error&) {}); // the server is stopping
  counted_ = counted_connection{setup_->actors.connection_counter, {who_.current(), &name}};
}

/// Replaces the token by a newer one of the same user.
void chat::refresh(const errand& todo, const command::refresh_token& wanted) {
  const auto before = who_.renew(wanted.token);
  if (!before) return answer(todo, before.error());
  await_expiry();
  const auto left = leave_forbidden(**before);
  // Only the room knows whether it is private, and it shows the name to others.
  const auto& now = *who_->access;
  if ((*before)->scope != now.scope || (*before)->username != now.username)
    seats_.for_each([&](const room_lease_ptr& room) {
      if (!std::ranges::binary_search(left, room->id()))
        compat::anon_send(room->room(), room_renewal{id_, who_.current()});
    });
  if (todo.ack)
    self_->socket().ack(main_namespace, *todo.ack, refreshed_json(*who_->access, left));
}

/// Leaves the rooms that the access does not include any more. Does not report a room that
/// never let the client in: it may be private.
std::vector<room_id> chat::leave_forbidden(const access& before) {
  std::vector<room_id> left;
  seats_.for_each([&](const room_lease_ptr& room) {
    const auto& name = room->name();
    if (permissions::may_join(before, {name})) return; // it was never in
    if (!permissions::may_join(*who_->access, {name})) return;
    left.push_back(room->id());
    ++out_->requests_in_flight;
    errands_.push({std::nullopt, "refresh_token", command::leave_room{room->id()}});
  });
  std::ranges::sort(left);
  pump();
  return left;
}

} // namespace hubbub
