#include "net/embed/hook_desk.hpp"

#include "net/embed/error_category.hpp"
#include "net/embed/json_args.hpp"
#include "net/embed/request_reader.hpp"
#include "proto/json/text.hpp"

#include <string>

namespace hubbub {
namespace {

api::user to_host(const user& who) {
  return {who.user_id, who.username};
}

/// Returns what a client is told of an error of the host's.
error to_client(errc code, std::string text) {
  if (text.empty() || !valid_utf8(text)) text = "the host refused it";
  return {to_error_code(code), std::move(text)};
}

} // namespace

bool has_hooks(const host_hooks& from) {
  return from.before_message.actor || from.on_event.actor;
}

hook_desks wanted_of(const host_hooks& from) {
  hook_desks made;
  made.checks_messages = bool{from.before_message.actor};
  made.takes_events = bool{from.on_event.actor};
  return made;
}

hook_desk::hook_desk(caf::actor_config& config, hook_desk_setup_ptr setup)
    : hook_desk_actor::base(config), setup_(std::move(setup)) {}

hook_desk::behavior_type hook_desk::make_behavior() {
  return {
      [this](const message_draft& draft) { return on_draft(draft); },
      [this](const foreign_event& event) { return on_event(event); },
      [](const arrival_question&) { return arrival_verdict{}; },
      [](const chat_notice&) {},
  };
}

void hook_desk::on_exit() {
  setup_.reset();
}

template <class Answer, class Handle, class Question>
void hook_desk::ask(hook_line& line, const hook<Handle>& whom, Question question,
                    std::function<void(Answer*, std::optional<error>)> then) {
  if (!line.is_open(hooks().max_waiting)) {
    if (line.begin_probe())
      compat::request(this, whom.actor, caf::infinite, std::move(question))
          .then([&line](Answer&) { line.end_probe(); },
                [&line](const caf::error&) { line.end_probe(); });
    return then(nullptr, std::nullopt);
  }
  const auto number = line.begin();
  compat::request(this, whom.actor, whom.limit, std::move(question))
      .then(
          [&line, number, then](Answer& answer) {
            line.end(number, true);
            then(&answer, std::nullopt);
          },
          [&line, number, then](const caf::error& why) {
            line.end(number, why != caf::sec::request_timeout);
            const auto code = code_of(why);
            then(nullptr, code ? std::optional{to_client(*code, text_of(why))} : std::nullopt);
          });
}

caf::result<draft_verdict> hook_desk::on_draft(const message_draft& draft) {
  auto promise = make_response_promise<draft_verdict>();
  const auto& whom = hooks().before_message;
  api::draft question{draft.room.value,
                      draft.room_name,
                      to_host(*draft.who),
                      draft.content,
                      draft.client_id.value_or(""),
                      draft.edits.value};
  ask<api::verdict>(
      messages_, whom, std::move(question),
      [this, promise, fails_open = whom.fails_open](const api::verdict* given,
                                                    std::optional<error> why) mutable {
        if (given)
          promise.deliver(judge(*given));
        else if (why)
          promise.deliver(draft_verdict{unexpected(*std::move(why))});
        else if (fails_open)
          promise.deliver(draft_verdict{});
        else
          promise.deliver(draft_verdict{unexpected(error{
              error_code::overloaded, "the message could not be checked; try again soon"})});
      });
  return promise;
}

caf::result<foreign_answer> hook_desk::on_event(const foreign_event& event) {
  auto promise = make_response_promise<foreign_answer>();
  ask<api::event_answer>(
      events_, hooks().on_event,
      api::client_event{to_host(*event.who), event.name, event.args_json},
      [promise](const api::event_answer* given, std::optional<error> why) mutable {
        auto args = given ? joined_args(given->args) : std::nullopt;
        if (!args && !why)
          why = error{error_code::overloaded, given ? "the answer cannot be read"
                                                    : "there is no answer; try again soon"};
        promise.deliver(args ? foreign_answer{*std::move(args)}
                             : foreign_answer{unexpected(*std::move(why))});
      });
  return promise;
}

/// Returns the host's verdict, if it can be carried out.
draft_verdict hook_desk::judge(const api::verdict& given) const {
  switch (given.what) {
  case api::verdict::kind::pass: return draft_verdict{};
  case api::verdict::kind::change: {
    request_reader read{setup_->limits};
    auto content = read.content(given.text);
    const auto checked = read.finish(true);
    if (!checked) return unexpected(checked.error());
    return std::optional{std::move(content)};
  }
  case api::verdict::kind::refuse: break;
  }
  return unexpected(to_client(given.code, given.text));
}

} // namespace hubbub
