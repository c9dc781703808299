// Who the client is, how that is known, and for how long.
#include "actors/room/room_lease.hpp"
#include "actors/session/chat.hpp"
#include "proto/access/policy.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/json/text.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace hubbub {
namespace {

/// Longest sleep: the wall clock may be set, so it is checked again after this time.
constexpr std::chrono::milliseconds longest_sleep{std::chrono::hours{1}};

std::optional<std::string_view> token_in(json::value object) {
  return object.find("token").string();
}

refusal unauthorized(const token_refusal& why) {
  refusal refused{R"({"message":"unauthorized","data":)"};
  json::writer out{refused.error_json};
  out.begin_object()
      .field("code", wire_name(why.fault))
      .field("message", why.message)
      .end_object();
  refused.error_json += '}';
  return refused;
}

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

/// Fills in the arrival's name and access, or returns why the client is refused.
std::optional<refusal> chat::identify(json::value auth) {
  if (auth_->current->wants_tokens()) {
    auto allowed = auth_->current->check_token(token_in(auth), setup_->clock());
    if (!allowed) return unauthorized(allowed.error());
    arrival_->access = std::move(*allowed);
    return std::nullopt;
  }
  auto name = parse_username(auth, settings().limits);
  if (!name)
    return refusal{R"({"message":"bad_request","data":)" + error_json(name.error()) + "}"};
  arrival_->username = std::move(*name);
  return std::nullopt;
}

void chat::on_time() {
  if (!self_->socket().connected(main_namespace)) return;
  if (expired())
    expire();
  else
    await_expiry();
}

bool chat::expired() const {
  const auto& until = who_->access->expires_at;
  return until && setup_->clock() >= *until;
}

void chat::await_expiry() {
  const auto& until = who_->access->expires_at;
  if (!until) return;
  const std::chrono::milliseconds left{until->value - setup_->clock().value};
  const auto sleep = std::clamp(left, std::chrono::milliseconds{1}, longest_sleep);
  out_->wake_session_at(std::chrono::steady_clock::now() + sleep);
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
  compat::request(self_, setup_->connection_counter, caf::infinite, user_arrived{name})
      .then(
          [this, asker = id_](bool may_stay) {
            if (!may_stay && asker == id_) refuse_connection();
          },
          [](const caf::error&) {}); // the server is stopping
  counted_ = counted_connection{setup_->connection_counter, name};
}

/// Tells the client that it has too many connections, and that it must not reconnect by
/// itself.
void chat::refuse_connection() {
  answer({std::nullopt, "connect", {}},
         {error_code::limit_exceeded, "a user may have " +
                                          std::to_string(settings().connections_per_user) +
                                          " connections at once"});
  self_->socket().disconnect(main_namespace, close_reason::server_disconnect);
}

/// Replaces the token by a newer one of the same user.
void chat::refresh(const errand& todo, const command::refresh_token& wanted) {
  if (!who_->access->proven)
    return answer(todo, {error_code::forbidden, "this server takes no tokens"});
  const auto allowed = auth_->current->check_token(wanted.token, setup_->clock());
  if (!allowed) return answer(todo, {error_code::unauthorized, allowed.error().message});
  if ((*allowed)->user_id != who_->user_id)
    return answer(todo, {error_code::forbidden, "the token is another user's"});
  const auto before = who_->access;
  who_ = user_of(*allowed, who_->recovery);
  await_expiry();
  const auto left = leave_forbidden(*before);
  // Only the room knows whether it is private.
  if (before->scope != who_->access->scope)
    seats_.for_each([&](const room_lease_ptr& room) {
      if (!std::ranges::binary_search(left, room->id()))
        compat::anon_send(room->room(), room_renewal{id_, who_});
    });
  if (todo.ack) self_->socket().ack(main_namespace, *todo.ack, refreshed_json(**allowed, left));
}

/// Leaves the rooms that the access does not include any more. Does not report a room that
/// never let the client in: it may be private.
std::vector<room_id> chat::leave_forbidden(const access& before) {
  std::vector<room_id> left;
  seats_.for_each([&](const room_lease_ptr& room) {
    const auto& name = room->name();
    if (policy::may_join(before, {name})) return; // it was never in
    if (!policy::may_join(*who_->access, {name})) return;
    left.push_back(room->id());
    ++out_->requests_in_flight;
    errands_.push({std::nullopt, "refresh_token", command::leave_room{room->id()}});
  });
  std::ranges::sort(left);
  pump();
  return left;
}

} // namespace hubbub
