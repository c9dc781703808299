// Members come and go.
#include "actors/room/room.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace hubbub {

namespace {

std::size_t bytes_of(const std::vector<std::string>& items) {
  std::size_t bytes = 0;
  for (const auto& item : items)
    bytes += item.size();
  return bytes;
}

/// The newest change in a page.
revision newest_of(const json_page& page) {
  return page.revisions.empty() ? revision{} : std::ranges::max(page.revisions);
}

} // namespace

void room::run(room_request& request, const join_room& command) {
  auto after = newest(command.history);
  bool gap = false;
  if (command.since) {
    gap = *command.since > last_seq_ || last_seq_.value - command.since->value > max_since;
    if (!gap) after = *command.since;
  }
  join_after(std::move(request), after, gap);
}

sequence room::newest(std::int64_t count) const {
  return sequence{std::max<std::int64_t>(0, last_seq_.value - count)};
}

/// Joins with all messages after `after`. Most clients ask for what the room has at hand; only
/// the others wait for more than a look at how far the user has read.
void room::join_after(room_request request, sequence after, bool gap) {
  message_range range;
  range.room = id_;
  range.after = after;
  range.up_to = recent_.covers(after, last_seq_) ? after : last_seq_;
  range.limit = range.up_to->value - after.value;
  if (last_rev_ == revision{}) { // nothing was ever said, so that there is nothing to be read
    view_outcome nothing{room_view{}};
    return on_history(request, nothing, range, gap);
  }
  room_query query{id_, std::nullopt, request.who->user_id};
  if (range.limit > 0) query.page = range;
  read(std::move(request), query, [this, range, gap](room_request& asked, view_outcome& view) {
    on_history(asked, view, range, gap);
  });
}

/// The page ends at `up_to`; what was fanned out since stands in `recent_`. Together they meet
/// the live messages without hole or overlap, since both happen in this turn.
void room::on_history(room_request& request, view_outcome& outcome, const message_range& range,
                      bool gap) {
  if (!outcome) return outbox_.refuse(request, to_error(outcome.error()));
  if (const auto rev = newest_of(outcome->page); is_behind(rev)) {
    const auto asked = std::make_shared<std::pair<room_request, view_outcome>>(
        std::move(request), std::move(outcome));
    return once_told(asked->first.from, rev, [this, asked, range, gap, since = last_rev_] {
      auto& [joining, view] = *asked;
      if (!bring_up_to_date(view->page, since)) return run(joining);
      on_history(joining, view, range, gap);
    });
  }
  recent_.forget_before(outcome->first_seq);
  auto& messages = outcome->page.messages;
  const auto& command = std::get<join_room>(request.command);
  // A client may know of a message before its room does: from a read. By now the room knows.
  if (gap && command.since && recent_.covers(*command.since, last_seq_) &&
      *command.since <= last_seq_)
    return join_after(std::move(request), sequence{*command.since}, false);
  const bool whole = std::ssize(messages) == range.limit;
  const bool since = command.since && !gap;
  if (!recent_.covers(*range.up_to, last_seq_)) // more came meanwhile than is kept: once more
    return join_after(std::move(request), since ? *range.after : newest(command.history), gap);
  if (*range.up_to == last_seq_) recent_.seed(outcome->page.numbers, messages);
  recent_.copy_after(std::max(*range.up_to, *range.after), messages);
  const auto count = std::ssize(messages);
  // Retention may have cut in, or it is more than one answer should hold.
  if (since && (!whole || count > max_since || bytes_of(messages) > max_since_bytes))
    return join_after(std::move(request), newest(command.history), true);
  if (!since && count > command.history)
    messages.erase(messages.begin(), messages.begin() + (count - command.history));
  complete_join(std::move(request), *std::move(outcome), gap);
}

void room::complete_join(room_request request, room_view view, bool gap) {
  const auto most = setup_->settings.members_per_room;
  if (members_.total() >= most && !members_.find(request.who->user_id)) {
    count(refused_by::members_per_room);
    return outbox_.refuse(request,
                          {error_code::limit_exceeded,
                           "the room is full: it has " + std::to_string(most) + " members"});
  }
  if (request.who->recovery)
    store_join(std::move(request), std::move(view), gap);
  else
    admit(request, view, gap);
}

void room::admit(const room_request& request, const room_view& view, bool gap) {
  // Since it asked, the user may have been banned.
  if (const auto why =
          policy::may_join(*request.who->access, standing_of(request.who->user_id))) {
    forget_join(request);
    return outbox_.refuse(request, *why);
  }
  const bool was_in = members_.contains(request.from);
  const bool is_new = add_member(request.from, request.who);
  frame_ptr ack;
  if (request.ack) {
    const auto page = show_members(std::nullopt, static_cast<std::int64_t>(max_join_members));
    const auto array = join_json(view.page.messages);
    ack = join_ack(*request.ack, {.id = id_,
                                  .room = name_,
                                  .first_seq = view.first_seq,
                                  .last_seq = last_seq_,
                                  .members = page.members,
                                  .members_total = page.members_total,
                                  .messages_json = array,
                                  .gap = gap,
                                  .reading = view.reading});
  }
  outbox_.say(request.from,
              enter_room{id_, request.from, std::move(ack), position(), true, request.join});
  if (request.missed_from && !was_in) tell_gap(request.from, *request.missed_from);
  if (is_new) tell_joined(*request.who, request.from);
}

/// True if the user was not here yet.
bool room::add_member(session_id session, const user_ptr& who) {
  const bool first = members_.find(who->user_id) == nullptr;
  const bool is_new = members_.add(session, who);
  if (is_new) tell_directory();
  return is_new && first;
}

void room::run(room_request& request, const leave_room&) {
  // Who is not in here learns nothing by leaving.
  if (!members_.contains(request.from))
    if (const auto why =
            policy::may_leave(*request.who->access, standing_of(request.who->user_id)))
      return outbox_.say(request.from,
                         exit_room{id_, request.from, refusal_of(request, *why), true});
  if (request.who->recovery)
    store_leave(std::move(request));
  else
    leave_now(request);
}

void room::leave_now(const room_request& request) {
  remove(request.from, leave_reason::leave, request.ack ? ok_ack(*request.ack) : nullptr, true);
  retire_if_idle();
}

void room::remove(session_id session, leave_reason reason, frame_ptr answer, bool answers) {
  const auto who = members_.remove(session);
  if (who) tell_directory();
  outbox_.say(session, exit_room{id_, session, std::move(answer), answers});
  if (!who) return;
  const auto& user_id = (*who)->user_id;
  if (const auto stopped = typing_.stop(user_id, session)) tell_typing(*stopped, false);
  if (!members_.find(user_id)) tell_left(**who, reason);
}

void room::run(room_request& request, const get_members& command) {
  const auto page = show_members(command.after, command.limit);
  outbox_.answer(request, request.ack ? members_ack(*request.ack, page.members,
                                                    page.members_total, page.next)
                                      : nullptr);
}

} // namespace hubbub
