#include "actors/room/relay_outbox.hpp"

#include "proto/trace/trace_request.hpp"

#include <cstdint>

namespace hubbub {

void relay_outbox::say_all(const frame_ptr& what, const std::vector<session_id>& except,
                           bool is_volatile, const std::optional<room_position>& at) {
  const auto since = at ? since_ : std::chrono::steady_clock::time_point{};
  for (std::size_t thread = 0; thread < orders_.size(); ++thread)
    if (members_->on_thread(thread) > 0)
      orders_[thread].emplace_back(fan_out{room_, what, except, is_volatile, at, since});
}

void relay_outbox::say(session_id session, relay_order order) {
  if (session.thread < orders_.size()) orders_[session.thread].push_back(std::move(order));
}

void relay_outbox::say_user(const std::string& user_id, const frame_ptr& what,
                            const std::optional<session_id>& except) {
  const auto* here = members_->find(user_id);
  if (here == nullptr) return;
  for (const auto session : here->sessions)
    if (session != except) say(session, tell{session, what});
}

void relay_outbox::answer(const socket_asker& socket, frame_ptr what,
                          const std::optional<room_position>& at) {
  say(socket.session, reply{socket.session, std::move(what), at});
}

void relay_outbox::deliver(const room_request& request, call_outcome outcome) {
  auto promise = std::get<http_asker>(request.asker).promise;
  promise.deliver(std::move(outcome));
}

void relay_outbox::refuse(const room_request& request, const error& why) {
  const auto* socket = request.from_socket();
  if (counter_)
    counter_->note_step({.kind = trace_kind::refused,
                         .code = static_cast<std::uint8_t>(why.code),
                         .what = socket != nullptr
                                     ? trace_request_of(socket->event)
                                     : static_cast<std::uint16_t>(request.command.index()),
                         .connection = connection_of(request)},
                        request.who->user_id, name_);
  if (socket == nullptr) return deliver(request, unexpected(why));
  if (counter_) counter_->note_error(why.code);
  auto what = refusal_of(*socket, why);
  if (socket->join == 0) return answer(*socket, std::move(what));
  say(socket->session, reply{.session = socket->session,
                             .what = std::move(what),
                             .refused = join_number{room_, socket->join}});
}

trace_connection connection_of(const room_request& request) {
  const auto* socket = request.from_socket();
  return socket == nullptr ? trace_connection{} : trace_connection::of(socket->session);
}

frame_ptr refusal_of(const socket_asker& socket, const error& why) {
  return socket.ack ? error_ack(*socket.ack, why) : event::error(socket.event, why);
}

} // namespace hubbub
