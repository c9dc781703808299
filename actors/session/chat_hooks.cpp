// What the program around the chat is asked: who comes in, and events that the chat does not
// know.
#include "actors/session/chat.hpp"
#include "proto/chat/chat_event.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

namespace hubbub {
namespace {

const error too_many_events{error_code::overloaded,
                            "too many requests wait for an answer; try again soon"};

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
                  foreign_event{who_.current(), todo.event, event.args_json()})
      .then(on_answer, [on_answer](const caf::error&) {
        on_answer(unexpected(error{error_code::overloaded, "the server is stopping"}));
      });
}

/// Asks who the client is and whether it may come in, and lets it in or not when that is known.
void chat::ask_host(json::value auth, const recovery_request& asked, std::size_t bytes) {
  arrival_question question;
  if (auth.exists()) auth.dump(question.auth_json);
  question.headers = out_->headers;
  question.address = to_string(out_->client);
  question.who = arrival_->named();
  const auto on_answer = [this, asked, bytes](const arrival_verdict& given) {
    if (!arrival_) return;
    if (!given) return self_->socket().decide(main_namespace, refused(given.error()));
    if (*given) {
      arrival_->access = *given;
      arrival_->username.reset();
      arrival_->by_host = true;
    }
    const auto verdict = let_in(asked, bytes);
    if (!std::holds_alternative<decided_later>(verdict))
      self_->socket().decide(main_namespace, verdict);
  };
  compat::request(self_, setup_->actors.hooks.for_arrivals(id_.thread), caf::infinite,
                  std::move(question))
      .then(on_answer, [on_answer](const caf::error&) {
        on_answer(unexpected(error{error_code::overloaded, "the server is stopping"}));
      });
}

} // namespace hubbub
