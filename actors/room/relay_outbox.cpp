#include "actors/room/relay_outbox.hpp"

namespace hubbub {

void relay_outbox::say_all(const frame_ptr& what, const std::vector<session_id>& except,
                           bool is_volatile, const std::optional<room_position>& at) {
  for (std::size_t thread = 0; thread < orders_.size(); ++thread)
    if (members_->on_thread(thread) > 0)
      orders_[thread].emplace_back(fan_out{room_, what, except, is_volatile, at});
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

void relay_outbox::answer(const room_request& request, frame_ptr what,
                          const std::optional<room_position>& at) {
  say(request.from, reply{request.from, std::move(what), at});
}

void relay_outbox::refuse(const room_request& request, const error& why) {
  auto what = refusal_of(request, why);
  if (request.join == 0) return answer(request, std::move(what));
  say(request.from, reply{.session = request.from,
                          .what = std::move(what),
                          .refused = join_number{room_, request.join}});
}

frame_ptr refusal_of(const room_request& request, const error& why) {
  return request.ack ? error_ack(*request.ack, why) : error_event(request.event, why);
}

} // namespace hubbub
