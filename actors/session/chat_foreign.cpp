// Events of the client that the chat does not know, but the program around it may.
#include "actors/session/chat.hpp"
#include "proto/chat/chat_event.hpp"

#include <cstddef>
#include <string>

namespace hubbub {
namespace {

const error too_many_events{error_code::overloaded,
                            "too many requests wait for an answer; try again soon"};

/// Returns an event's arguments, as a JSON array.
std::string args_json(const event_packet& event) {
  std::string text;
  json::writer out{text};
  out.begin_array();
  const auto data = event.data.root();
  for (std::size_t i = 1; i < data.size(); ++i) {
    std::string each;
    data.at(i).dump(each);
    out.raw(each);
  }
  out.end_array();
  return text;
}

} // namespace

void chat::pass_on(const errand& todo, const event_packet& event) {
  if (!event.attachments.empty())
    return answer(todo, {error_code::bad_request, "this event takes no attachments"});
  if (out_->requests_in_flight >= settings().requests_per_socket) {
    note_refusal(setup_->actors.refusals, id_.thread, refused_by::requests_per_socket);
    return answer(todo, too_many_events);
  }
  ++out_->requests_in_flight;
  const auto on_answer = [this, asker = id_, todo](const foreign_answer& given) {
    if (asker != id_) return; // the client has left
    if (!given) return fail(todo, given.error());
    if (out_->requests_in_flight > 0) --out_->requests_in_flight;
    if (todo.ack) self_->socket().ack(main_namespace, *todo.ack, *given);
  };
  compat::request(self_, setup_->actors.hooks.for_events(id_.thread), caf::infinite,
                  foreign_event{who_.current(), todo.event, args_json(event)})
      .then(on_answer, [on_answer](const caf::error&) {
        on_answer(unexpected(error{error_code::overloaded, "the server is stopping"}));
      });
}

} // namespace hubbub
