#include "net/embed/hook_desk.hpp"

#include "actors/store/store_actors.hpp"
#include "net/embed/error_category.hpp"
#include "net/embed/json_args.hpp"
#include "net/embed/request_reader.hpp"
#include "net/embed/wire_values.hpp"
#include "proto/json/text.hpp"

#include <string>

namespace hubbub {
namespace {

api::user to_host(const user& who) {
  return {who.user_id, who.username};
}

api::notice_kind to_host(notice_kind kind) {
  switch (kind) {
  case notice_kind::connected: return api::notice_kind::connected;
  case notice_kind::gone: return api::notice_kind::gone;
  case notice_kind::joined: return api::notice_kind::joined;
  case notice_kind::left: return api::notice_kind::left;
  case notice_kind::room_made: break;
  }
  return api::notice_kind::room_made;
}

/// Returns what a client is told of an error of the host's.
error to_client(errc code, std::string text) {
  if (text.empty() || !valid_utf8(text)) text = "the host refused it";
  return {to_error_code(code), std::move(text)};
}

} // namespace

bool has_hooks(const host_hooks& from) {
  return from.before_message.actor || from.on_event.actor || from.admission.actor ||
         from.notices;
}

hook_desks wanted_of(const host_hooks& from) {
  hook_desks made;
  made.checks_messages = bool{from.before_message.actor};
  made.takes_events = bool{from.on_event.actor};
  made.admits = bool{from.admission.actor};
  made.wants_notices = bool{from.notices};
  return made;
}

hook_desk::hook_desk(caf::actor_config& config, hook_desk_setup_ptr setup)
    : hook_desk_actor::base(config), setup_(std::move(setup)) {}

hook_desk::behavior_type hook_desk::make_behavior() {
  for_each_hook([this](const auto& each) {
    compat::watch(this, each, [this](const caf::actor_addr& who) { on_gone(who); });
  });
  return {
      [this](const message_draft& draft) { return on_draft(draft); },
      [this](const foreign_event& event) { return on_event(event); },
      [this](const arrival_question& asked) { return on_arrival(asked); },
      [this](const chat_notice& news) { on_notice(news); },
  };
}

/// Hands over the notices that wait: the host may have yet to answer those before.
void hook_desk::on_exit() {
  if (!notices_.list.empty() && !notices_gone_)
    compat::anon_send(hooks().notices, std::exchange(notices_, {}));
  for_each_hook([this](const auto& each) { compat::unwatch(this, each); });
  setup_.reset();
}

template <class F>
void hook_desk::for_each_hook(const F& f) const {
  if (hooks().before_message.actor) f(hooks().before_message.actor);
  if (hooks().on_event.actor) f(hooks().on_event.actor);
  if (hooks().admission.actor) f(hooks().admission.actor);
  if (hooks().notices) f(hooks().notices);
}

/// Closes the lines of an actor that has ended. A question to one on another node is not
/// answered by anybody then, so that each would take its whole time.
void hook_desk::on_gone(const caf::actor_addr& who) {
  const auto is_it = [&who](const auto& each) { return each && each.address() == who; };
  if (is_it(hooks().before_message.actor)) messages_.close();
  if (is_it(hooks().on_event.actor)) events_.close();
  if (is_it(hooks().admission.actor)) arrivals_.close();
  if (is_it(hooks().notices)) notices_gone_ = true;
}

template <class Answer, class Handle, class Question>
void hook_desk::ask(hook_line& line, const hook<Handle>& whom, Question question,
                    std::function<void(Answer*, std::optional<error>)> then) {
  if (!line.is_open(hooks().max_waiting)) return then(nullptr, std::nullopt);
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

caf::result<arrival_verdict> hook_desk::on_arrival(const arrival_question& asked) {
  auto promise = make_response_promise<arrival_verdict>();
  const auto& whom = hooks().admission;
  api::arrival question;
  question.auth = asked.auth_json;
  if (asked.headers)
    for (const auto& [name, value] : *asked.headers)
      question.headers.push_back({name, value});
  question.address = asked.address;
  question.who = to_host(*asked.who);
  question.is_proven = asked.who->access->proven;
  ask<api::admission>(
      arrivals_, whom, std::move(question),
      [this, promise, fails_open = whom.fails_open](const api::admission* given,
                                                    std::optional<error> why) mutable {
        if (given)
          promise.deliver(admit(*given));
        else if (why)
          promise.deliver(arrival_verdict{unexpected(*std::move(why))});
        else if (fails_open)
          promise.deliver(arrival_verdict{});
        else
          promise.deliver(arrival_verdict{unexpected(
              error{error_code::overloaded, "nobody can be let in now; try again soon"})});
      });
  return promise;
}

/// Returns the rights that the host gives a client.
arrival_verdict hook_desk::admit(const api::admission& given) const {
  switch (given.what) {
  case api::admission::kind::as_it_is: return arrival_verdict{};
  case api::admission::kind::as_user: {
    request_reader read{setup_->limits};
    const auto who = read.user(given.who);
    const auto checked = read.finish(true);
    if (!checked) return unexpected(checked.error());
    if (given.until != 0 && given.until <= wall_clock_now().value)
      return unexpected(error{error_code::unauthorized, "your time here is over"});
    access made;
    made.proven = true;
    made.scope = to_scope(given.may);
    if (!given.rooms.empty()) made.rooms = given.rooms;
    made.user_id = who.id;
    made.username = who.name;
    if (given.until != 0) made.expires_at = timestamp{given.until};
    return std::make_shared<const access>(std::move(made));
  }
  case api::admission::kind::refuse: break;
  }
  return unexpected(to_client(given.code, given.text));
}

void hook_desk::on_notice(const chat_notice& news) {
  if (notices_gone_) return;
  if (notices_.list.size() >= hooks().max_waiting) {
    ++notices_.lost;
    return;
  }
  notices_.list.push_back({to_host(news.kind),
                           {news.user_id, news.username},
                           news.room.value,
                           news.room_name,
                           news.why});
  tell_notices();
}

/// Hands over what has come, unless the host has yet to answer. Nobody waits, so it may take
/// its time; if it has ended, what it was told is lost with it.
void hook_desk::tell_notices() {
  if (tells_notices_ || notices_gone_ || notices_.list.empty()) return;
  tells_notices_ = true;
  const auto go_on = [this] {
    tells_notices_ = false;
    tell_notices();
  };
  compat::request(this, hooks().notices, caf::infinite, std::exchange(notices_, {}))
      .then([go_on](bool) { go_on(); }, [go_on](const caf::error&) { go_on(); });
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
