#include "actors/room/room_join.hpp"

#include "actors/store/store_errors.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
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

/// Returns the earlier of two messages from which on something is missing.
std::optional<sequence> earlier(std::optional<sequence> one, std::optional<sequence> other) {
  return one && other ? std::min(one, other) : (one ? one : other);
}

/// How often a room whose log goes on faster than a join reads it anew. After that the join is
/// answered from what the room keeps.
constexpr int most_reads = 3;

template <class Item>
void drop_first(std::ptrdiff_t count, std::vector<Item>& items) {
  items.erase(items.begin(), items.begin() + std::min(count, std::ssize(items)));
}

/// Drops the oldest messages beyond `count`. The numbers are those of the messages that were
/// read, which come before the room's own.
void keep_newest(std::int64_t count, json_page& page) {
  const auto surplus = std::ssize(page.messages) - count;
  if (surplus <= 0) return;
  drop_first(surplus, page.messages);
  drop_first(surplus, page.numbers);
  drop_first(surplus, page.revisions);
}

} // namespace

void room_join::run(room_request& request, const command::join_room& command) {
  if (!storage_.is_shared() || !command.since || *command.since <= core_.history.last_seq())
    return begin(request, command, {});
  // The client may know the message from another node.
  const auto asked = std::make_shared<room_request>(std::move(request));
  const log_point wanted{*command.since, {}};
  follow_.once_current(asked->socket().session, wanted, [this, asked] {
    begin(*asked, std::get<command::join_room>(asked->command), {});
  });
}

void room_join::begin(room_request& request, const command::join_room& command,
                      progress so_far) {
  const auto last = core_.history.last_seq();
  auto after = core_.history.before_newest(command.history);
  so_far.gap = false;
  if (command.since) {
    so_far.gap = *command.since > last || last.value - command.since->value > max_since;
    if (!so_far.gap) after = *command.since;
  }
  join_after(std::move(request), after, so_far);
}

/// Joins with all messages after `after`. Most clients ask for messages that the room has in
/// memory; only others wait for more than a look at how far the user has read.
void room_join::join_after(room_request request, sequence after, progress so_far) {
  message_range range;
  range.room = core_.id();
  range.after = after;
  range.up_to = core_.history.covers(after) ? after : core_.history.last_seq();
  range.limit = range.up_to->value - after.value;
  // Nothing was ever said, so there is nothing to read.
  if (core_.history.last_rev() == revision{}) {
    view_outcome nothing{room_view{}};
    return on_history(request, nothing, range, so_far);
  }
  room_query query{core_.id(), std::nullopt, request.who->user_id};
  if (range.limit > 0) query.page = range;
  storage_.read(std::move(request), query,
                [this, range, so_far](room_request& asked, view_outcome& view) {
                  on_history(asked, view, range, so_far);
                });
}

void room_join::on_history(room_request& request, view_outcome& outcome,
                           const message_range& range, progress so_far) {
  if (!outcome && outcome.error() == store_error::busy && so_far.times_read < most_reads) {
    // Too much was changed while it was read. The rest of the view is asked for alone.
    so_far.times_read = most_reads;
    return join_after(std::move(request), core_.history.before_kept(), so_far);
  }
  if (!outcome) return refuse(request, to_error(outcome.error()), so_far);
  const auto rev = newest_of(outcome->page);
  if (!storage_.is_behind(rev)) return on_told(request, outcome, range, so_far);
  const auto asked = std::make_shared<std::pair<room_request, view_outcome>>(
      std::move(request), std::move(outcome));
  storage_.once_told(asked->first.socket().session, rev,
                     [this, asked, range, so_far, since = core_.history.last_rev()] {
                       auto& [joining, view] = *asked;
                       if (core_.history.bring_up_to_date(view->page, since))
                         on_history(joining, view, range, so_far);
                       else
                         join_again(std::move(joining), *range.after, *std::move(view), so_far);
                     });
}

/// Answers a join with a page that ends at `up_to`; the room keeps what was fanned out since.
/// Together they meet the live messages without a hole or an overlap, since both happen in this
/// turn.
void room_join::on_told(room_request& request, view_outcome& outcome,
                        const message_range& range, progress so_far) {
  auto& history = core_.history;
  history.forget_before(outcome->first_seq);
  auto& messages = outcome->page.messages;
  const auto& command = std::get<command::join_room>(request.command);
  // A client may know of a message before its room does, from a read. By now the room knows it.
  if (so_far.gap && command.since && history.covers(*command.since) &&
      *command.since <= history.last_seq()) {
    so_far.gap = false;
    return join_after(std::move(request), sequence{*command.since}, so_far);
  }
  const bool whole = std::ssize(messages) == range.limit;
  const bool since = command.since && !so_far.gap;
  const auto newest = history.before_newest(command.history);
  // More came meanwhile than is kept, or the history could not be read.
  if (!history.covers(*range.up_to) || so_far.times_read >= most_reads)
    return join_again(std::move(request), since ? *range.after : newest, *std::move(outcome),
                      so_far);
  if (*range.up_to == history.last_seq()) history.seed(outcome->page);
  const auto read_up_to = std::max(*range.up_to, *range.after);
  history.copy_after(read_up_to, messages);
  // Retention may have removed some, or it is more than one answer should hold.
  if (since &&
      (!whole || std::ssize(messages) > max_since || bytes_of(messages) > max_since_bytes)) {
    so_far.gap = true;
    return join_after(std::move(request), newest, so_far);
  }
  if (!since) keep_newest(command.history, outcome->page);
  complete(std::move(request), *std::move(outcome), read_up_to, so_far);
}

/// Reads the history once more, since the room's log went on faster than the join; if that
/// happened too often, it is answered without.
void room_join::join_again(room_request request, sequence after, room_view&& view,
                           progress so_far) {
  if (++so_far.times_read >= most_reads)
    return join_with_kept(std::move(request), std::move(view), so_far);
  join_after(std::move(request), after, so_far);
}

/// Answers a join with the newest messages that the room keeps. To a `since` before those that
/// is a gap.
void room_join::join_with_kept(room_request request, room_view&& view, progress so_far) {
  const auto& command = std::get<command::join_room>(request.command);
  core_.history.forget_before(view.first_seq);
  const bool since = command.since && *command.since <= core_.history.last_seq() &&
                     core_.history.covers(*command.since);
  const auto read_up_to = since ? sequence{*command.since} : core_.history.before_kept();
  so_far.gap = command.since && !since;
  view.page = {};
  core_.history.copy_after(read_up_to, view.page.messages);
  if (!since) keep_newest(command.history, view.page);
  complete(std::move(request), std::move(view), read_up_to, so_far);
}

void room_join::complete(room_request request, room_view view, sequence read_up_to,
                         progress so_far) {
  const auto most = core_.settings().members_per_room;
  if (core_.members.total() >= most && !core_.members.has_user(request.who->user_id)) {
    core_.count(refused_by::members_per_room);
    return refuse(request,
                  {error_code::limit_exceeded,
                   "the room is full: it has " + std::to_string(most) + " members"},
                  so_far);
  }
  if (request.who->recovery && !so_far.is_stored)
    store(std::move(request), std::move(view), read_up_to, so_far);
  else
    admit(request, view, so_far.gap);
}

/// Stores a join, which is acked when the store knows that the session is in the room from this
/// position in the log on: the outcome comes when the room is exactly there. If its connection
/// has ended meanwhile, the join is not stored: the session may continue on another one, which
/// has joined or left the room itself by now.
void room_join::store(room_request request, room_view view, sequence read_up_to,
                      progress so_far) {
  if (core_.lanes.is_leaving(request.socket().session))
    return core_.outbox.refuse(request, to_error(store_error::session_over));
  if (const auto why = storage_.refusal()) return core_.outbox.refuse(request, *why);
  if (storage_.left().is_full()) return core_.outbox.refuse(request, to_error(store_error::io));
  const auto session = request.socket().session;
  const auto who = request.who;
  const auto& identity = who->recovery->identity;
  auto join = std::make_shared<stored_join>(stored_join{
      std::move(request), std::move(view), so_far, core_.history.position(), read_up_to});
  op::enter_recoverable entering{identity.id,  identity.pid_hash, who->recovery->sid,
                                 who->user_id, who->username,     core_.id()};
  entering.afresh = !core_.members.contains(session);
  storage_.left().drop(identity.id); // from here on the session should be in the room
  // Until an offset proves that the ack was received, the session has what it had before:
  // everything up to `since`, or, if that is too long ago, a gap after it.
  const auto& asked = join->request;
  entering.gap_from = asked.socket().missed_from;
  if (const auto since = std::get<command::join_room>(asked.command).since) {
    if (so_far.gap && *since < core_.history.last_seq())
      entering.gap_from = earlier(entering.gap_from, sequence{since->value + 1});
    else
      entering.since = since;
  }
  storage_.write_and_hold(
      session, std::move(entering),
      [this, join](const write_outcome& outcome) { on_stored(*join, outcome); });
}

void room_join::on_stored(stored_join& join, const write_outcome& outcome) {
  auto& [request, view, so_far, up_to, read_up_to] = join;
  const auto& history = core_.history;
  so_far.is_stored = true;
  if (const auto* failed = std::get_if<store_error>(&outcome)) {
    // The store may not know yet that the session lives again; see `recovery::store_resumed`.
    const bool is_behind = *failed == store_error::session_over &&
                           !core_.lanes.is_leaving(request.socket().session);
    // An earlier attempt may have been stored.
    return refuse(request, to_error(is_behind ? store_error::io : *failed), so_far);
  }
  const auto& command = std::get<command::join_room>(request.command);
  // The client knew more than the room did.
  if (command.since > up_to.seq && command.since <= history.last_seq())
    return begin(request, command, so_far);
  const bool since = command.since && !so_far.gap;
  if (!bring_up_to_date(view.page, up_to, read_up_to)) {
    const auto after = since ? *command.since : history.before_newest(command.history);
    return join_again(std::move(request), after, std::move(view), so_far);
  }
  if (!since) keep_newest(command.history, view.page);
  admit(request, view, so_far.gap);
}

/// Brings a page that was whole at `up_to` to where the room is now: it was read up to
/// `read_up_to`, and the rest is the room's own. False if it has to be read again.
bool room_join::bring_up_to_date(json_page& page, const room_position& up_to,
                                 sequence read_up_to) const {
  const auto& history = core_.history;
  const auto messages_since = history.last_seq().value - up_to.seq.value;
  const bool only_messages = history.last_rev().value - up_to.rev.value == messages_since;
  if (only_messages && history.covers(up_to.seq)) {
    history.copy_after(up_to.seq, page.messages);
    return true;
  }
  page.messages.resize(page.numbers.size());
  if (!history.covers(read_up_to) || !history.bring_up_to_date(page, up_to.rev)) return false;
  history.copy_after(read_up_to, page.messages);
  return true;
}

/// Refuses a join, which the store forgets if it was stored.
void room_join::refuse(const room_request& request, const error& why, const progress& so_far) {
  const auto session = request.socket().session;
  if (so_far.is_stored && !core_.members.contains(session) && !core_.lanes.is_leaving(session))
    storage_.forget_membership(request.who->recovery->identity.id);
  core_.outbox.refuse(request, why);
}

/// Records that the messages between `since` and the first of the ack are missing.
void room_join::note_gap(const room_request& request, const room_view& view) {
  const auto since = std::get<command::join_room>(request.command).since;
  const auto last = core_.history.last_seq();
  const auto first = last.value - std::ssize(view.page.messages) + 1;
  if (!since || since->value >= first - 1) return; // no sum: clients may send any number
  core_.note({.kind = trace_kind::gap,
              .seq = since->value + 1,
              .number = static_cast<std::uint64_t>(first - since->value - 1),
              .connection = trace_connection::of(request.socket().session)},
             request.who->user_id);
}

void room_join::admit(const room_request& request, const room_view& view, bool gap) {
  // The user may have been banned since the request.
  if (const auto why = core_.rights.may_join(*request.who)) {
    if (request.who->recovery) storage_.forget_membership(request.who->recovery->identity.id);
    return core_.outbox.refuse(request, *why);
  }
  const auto& socket = request.socket();
  const bool was_in = core_.members.contains(socket.session);
  const bool is_new = membership_.add(socket.session, request.who);
  if (gap) note_gap(request, view);
  frame_ptr ack;
  if (socket.ack) {
    const auto array = join_json(view.page.messages);
    const auto first_members = presence_.show_first_members();
    const auto joined = core_.members.json_beyond_first(request.who->user_id);
    ack = join_ack(*socket.ack, {.id = core_.id(),
                                 .room = core_.name(),
                                 .first_seq = view.first_seq,
                                 .last_seq = core_.history.last_seq(),
                                 .members_json = first_members,
                                 .joined_json = joined,
                                 .members_total = core_.members.total(),
                                 .messages_json = array,
                                 .gap = gap,
                                 .reading = view.reading});
  }
  core_.outbox.say(socket.session, enter_room{core_.id(), socket.session, std::move(ack),
                                              core_.history.position(), true, socket.join});
  if (socket.missed_from && !was_in)
    membership_.tell_gap(socket.session, *request.who, *socket.missed_from);
  if (!was_in) membership_.tell_mute(socket.session, *request.who);
  if (is_new)
    presence_.tell_joined({request.who->user_id, request.who->username}, socket.session);
}

} // namespace hubbub
