#include "actors/store/store_actors.hpp"
#include "proto/chat/chat_event.hpp"

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

namespace hubbub {

read_outcome page_reader::read(const message_range& range) {
  const auto room = store_->find_room(range.room);
  if (!room) return unexpected(room.error());
  return read(range, room->name);
}

read_outcome page_reader::read(const message_range& range, std::string_view room_name) {
  const auto page = store_->read_messages(range);
  if (!page) return unexpected(page.error());
  json_page result;
  result.ends.has_more = page->has_more;
  if (range.around) result.ends.has_more_before = page->has_more_before;
  result.messages.reserve(page->messages.size());
  result.numbers.reserve(page->messages.size());
  result.revisions.reserve(page->messages.size());
  for (const auto& m : page->messages) {
    result.messages.push_back(message_json(m, room_name));
    result.numbers.push_back(m.seq);
    result.revisions.push_back(m.rev);
  }
  return result;
}

view_outcome page_reader::view(const room_query& query) {
  const auto room = store_->find_room(query.room);
  if (!room) return unexpected(room.error());
  room_view result;
  result.first_seq = room->first_seq;
  if (query.page) {
    auto page = read(*query.page, room->name);
    if (!page) return unexpected(page.error());
    result.page = std::move(*page);
  }
  if (query.user_id) {
    const auto found = readings({*query.user_id, {query.room}});
    if (!found) return unexpected(found.error());
    result.reading = found->front();
  }
  return result;
}

readings_outcome page_reader::readings(const ask_readings& question) {
  const auto markers = store_->read_markers(question.user_id, question.rooms);
  if (!markers) return unexpected(markers.error());
  std::vector<read_state> result;
  result.reserve(markers->size());
  for (const auto& marker : *markers)
    result.push_back({marker.seq, marker.unread});
  return result;
}

search_outcome page_reader::search(const search_request& request) {
  if (std::chrono::steady_clock::now() > request.until) {
    ++stats_.late;
    return json_hits{};
  }
  if (request.query.room) {
    const auto room = store_->find_room(*request.query.room);
    if (!room) return unexpected(room.error());
  }
  const auto page = store_->search(request.query);
  if (!page) return unexpected(page.error());
  ++stats_.searches;
  json_hits result;
  result.has_more = page->has_more;
  result.results.reserve(page->hits.size());
  for (const auto& hit : page->hits)
    result.results.push_back(hit_json(message_json(hit.found, hit.room_name), hit.snippet));
  const auto asked_at = request.until - search_patience;
  stats_.time.observe(std::chrono::steady_clock::now() - asked_at);
  return result;
}

search_stats page_reader::searched() const {
  auto now = stats_;
  now.index = store_->index();
  return now;
}

room_outcome page_reader::find(const room_ref& room) {
  return std::visit(
      [this]<class Ref>(const Ref& ref) {
        if constexpr (std::is_same_v<Ref, room_id>)
          return store_->find_room(ref);
        else
          return store_->find_room(std::string_view{ref});
      },
      room);
}

state_outcome page_reader::find_state_of(const room_ref& room) {
  auto record = find(room);
  if (!record) return unexpected(record.error());
  auto standings = store_->read_standings(record->id);
  if (!standings) return unexpected(standings.error());
  auto elsewhere = store_->read_members(record->id);
  if (!elsewhere) return unexpected(elsewhere.error());
  return room_state{*std::move(record), *std::move(standings), *std::move(elsewhere)};
}

known_outcome page_reader::find_known_to(const find_known& question) {
  auto record = store_->find_room(question.room);
  if (!record) return unexpected(record.error());
  auto mine = store_->standing_of(question.room, question.user_id, question.now);
  if (!mine) return unexpected(mine.error());
  mine->owner = record->owner == question.user_id;
  return known_room{*std::move(record), *mine};
}

recoverable_outcome page_reader::find_session(recovery_id id) {
  auto found = store_->find_recoverable(id);
  if (!found) return unexpected(found.error());
  if (!*found) return std::nullopt;
  known_session known{**std::move(found), {}};
  for (const auto& each : known.session.joined) {
    auto room = store_->find_room(each.room);
    if (!room && room.error() != store_error::no_such_room) return unexpected(room.error());
    known.rooms.push_back(room ? *std::move(room) : room_record{});
  }
  return known;
}

missed_outcome page_reader::find_missed_of(const find_missed& request) {
  const auto room = store_->find_room(request.after.room);
  if (!room) return unexpected(room.error());
  const auto is_member =
      store_->is_member(request.session, request.after.room, request.sees_all);
  if (!is_member) return unexpected(is_member.error());
  if (!*is_member) {
    missed_page nothing;
    nothing.lost = true;
    return nothing;
  }
  message_range range;
  range.room = request.after.room;
  range.after = request.after.seq;
  range.up_to = request.up_to;
  range.limit = request.limit;
  auto page = store_->read_messages(range);
  if (!page) return unexpected(page.error());
  const auto heard = store_->acked_messages(request.session, range);
  if (!heard) return unexpected(heard.error());
  auto changes =
      store_->read_changes({range.room, request.after.seq, request.after.rev, request.limit});
  if (!changes) return unexpected(changes.error());
  missed_page missed;
  missed.up_to = request.up_to;
  missed.first_seq = room->first_seq;
  missed.has_changes = !changes->has_more;
  missed.has_messages =
      std::ssize(page->messages) == request.up_to.value - request.after.seq.value;
  for (auto& each : page->messages) {
    const bool has_it = std::ranges::binary_search(*heard, each.seq);
    // A message that the session has need not be sent again, but its later changes must.
    if (has_it && !each.edited_at && !each.deleted_at) continue;
    auto json = message_json(each, room->name);
    auto& kind = has_it ? missed.changes : missed.messages;
    kind.push_back({std::move(each), std::move(json)});
  }
  for (auto& each : changes->messages) {
    auto json = message_json(each, room->name);
    missed.changes.push_back({std::move(each), std::move(json)});
  }
  std::ranges::sort(missed.changes, {}, [](const auto& each) { return each.what.rev; });
  return missed;
}

list_outcome page_reader::list(const list_rooms& request) {
  return store_->list_rooms(request.after, request.q, request.limit, request.viewer);
}

} // namespace hubbub
