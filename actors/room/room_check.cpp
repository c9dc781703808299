#include "actors/room/room_check.hpp"

#include "proto/overloaded.hpp"
#include "proto/own_event.hpp"

#include <utility>
#include <variant>

namespace hubbub {

namespace {

const error nobody_checks{error_code::overloaded, "messages cannot be checked; try again soon"};

/// Returns what is to be checked before a request is carried out; nothing if it adds no text,
/// or is an event of the program that would be asked.
std::optional<message_draft> draft_of(const room_request& request) {
  message_draft draft;
  if (const auto* sent = std::get_if<command::send_message>(&request.command)) {
    if (is_own_event(sent->content)) return std::nullopt;
    draft.content = sent->content;
    draft.client_id = sent->client_id;
  } else if (const auto* edit = std::get_if<command::edit_message>(&request.command)) {
    draft.content = edit->content;
    draft.edits = edit->seq;
  } else {
    return std::nullopt;
  }
  draft.who = request.who;
  return draft;
}

void replace_content(room_command& command, std::string content) {
  if (auto* sent = std::get_if<command::send_message>(&command))
    sent->content = std::move(content);
  else if (auto* edit = std::get_if<command::edit_message>(&command))
    edit->content = std::move(content);
}

} // namespace

room_check::room_check(room_core& core, room_storage& storage, room_publish& publish)
    : core_(core), storage_(storage), publish_(publish), edit_(core, storage, publish),
      desk_(core.setup->hooks.for_messages(static_cast<std::size_t>(core.id().value))) {}

void room_check::clear() {
  desk_ = nullptr;
  waiting_.clear();
}

/// Makes a request wait, unless it needs no check and nothing of its sender waits. A request
/// that will be refused unless it is a repeat, since its sender is no member or may not send,
/// is not checked.
void room_check::take(room_request& request, bool only_repeats) {
  auto draft = core_.may_write(request) && !only_repeats ? draft_of(request) : std::nullopt;
  if (!draft && !waiting_.contains(request.who->user_id))
    return only_repeats ? publish_.run_repeat(request) : carry_out(request);
  if (const auto why = storage_.refusal()) return core_.outbox.refuse(request, *why);
  // For its session it is a write that is under way, and so nothing overtakes it.
  if (const auto* socket = request.from_socket()) core_.lanes.begin_write(socket->session);
  core_.writes.begin_check();
  const auto which =
      std::make_shared<held>(held{std::move(request), only_repeats, std::nullopt});
  waiting_[which->request.who->user_id].push_back(which);
  if (draft)
    ask(which, *std::move(draft));
  else
    which->verdict = draft_verdict{};
}

void room_check::ask(const held_ptr& which, message_draft draft) {
  draft.room = core_.id();
  draft.room_name = core_.name();
  compat::request(core_.self, desk_, caf::infinite, std::move(draft))
      .then([this, which](draft_verdict& verdict) { on_verdict(which, std::move(verdict)); },
            [this, which](const caf::error&) { on_verdict(which, unexpected(nobody_checks)); });
}

void room_check::on_verdict(const held_ptr& which, draft_verdict verdict) {
  which->verdict = std::move(verdict);
  const auto sender = which->request.who->user_id;
  go_on(sender);
  core_.retire_if_idle();
  core_.flush();
}

/// Ends the sender's first requests, up to one that is still being checked. What ends may let
/// others of the same sender in.
void room_check::go_on(const std::string& sender) {
  for (;;) {
    const auto found = waiting_.find(sender);
    if (found == waiting_.end()) return;
    auto& line = found->second;
    if (line.empty()) {
      waiting_.erase(found);
      return;
    }
    if (!line.front()->verdict) return;
    const auto next = std::move(line.front());
    line.pop_front();
    end(*next);
  }
}

/// Carries a request out or refuses it. The rights of its sender may have changed meanwhile.
void room_check::end(held& which) {
  auto& request = which.request;
  auto& verdict = *which.verdict;
  const auto* socket = request.from_socket();
  const auto session = socket ? std::optional{socket->session} : std::nullopt;
  core_.writes.end_check();
  const auto why = core_.rights.judge(*request.who, request.command);
  if (why && !core_.rights.may_repeat(*request.who, request.command)) {
    core_.outbox.refuse(request, *why);
  } else if (why || which.only_repeats) {
    publish_.run_repeat(request);
  } else if (!verdict) {
    core_.outbox.refuse(request, verdict.error());
  } else {
    if (*verdict) replace_content(request.command, std::move(**verdict));
    carry_out(request);
  }
  if (!session) return;
  core_.lanes.end_write(*session);
  core_.advance(*session);
}

void room_check::carry_out(room_request& request) {
  const overloaded hand_on{
      [&](command::send_message& command) { publish_.run(request, command); },
      [&](command::edit_message& command) { edit_.run(request, command); },
      [&](command::delete_message& command) { edit_.run(request, command); },
      [](auto&) {}, // nothing else comes here
  };
  std::visit(hand_on, request.command);
}

} // namespace hubbub
