#include "actors/store/store_actors.hpp"

#include "proto/chat/chat_event.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hubbub {

namespace {

/// How often expired records are looked for, and how soon again while there are more.
constexpr auto purge_interval = std::chrono::minutes{1};
constexpr auto purge_again = std::chrono::milliseconds{10};
/// How often the searcher looks for messages that its index has yet to take in, while it has
/// all of them. A search does that by itself.
constexpr auto feed_interval = std::chrono::seconds{1};

/// Commits, and comes back after a failure, so that the end of the wait for the next try is
/// noticed.
template <class Self, class Handle>
void commit(Self* self, const Handle& handle, commit_batch& batch) {
  if (batch.size() == 0) batch.on_time();
  batch.commit();
  if (batch.wants_time())
    compat::delayed_send(self, handle, store_health::retry_after, commit_queued{});
}

/// Adds an operation to the batch. The first operation of a batch requests the flush, which is
/// handled after everything that is queued already, so that the batch grows by itself and
/// nobody waits for a timer.
template <class Self, class Handle>
void add(Self* self, const Handle& handle, commit_batch& batch, write_op operation,
         commit_batch::answer_to answer) {
  batch.add(std::move(operation), std::move(answer));
  if (batch.size() == 1)
    compat::send(self, handle, commit_queued{});
  else if (batch.size() >= commit_batch::max_operations)
    commit(self, handle, batch);
}

template <class Self, class Handle>
void purge_in_time(Self* self, const Handle& handle, commit_batch& batch) {
  if (batch.purge())
    compat::delayed_send(self, handle, purge_again, purge_expired{});
  else
    compat::delayed_send(self, handle, purge_interval, purge_expired{});
}

} // namespace

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
  return room_state{*std::move(record), *std::move(standings)};
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
  missed.whole = !changes->has_more &&
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

namespace {

// The clauses of the two behaviours are separate, so that one actor can have both.

template <class Self, class Handle>
auto writer_clauses(Self* self, const Handle& handle, commit_batch& batch) {
  compat::delayed_send(self, handle, purge_interval, purge_expired{});
  const auto answered = [self, handle, &batch]<class Answer>(const write_op& operation,
                                                             Answer promise) {
    add(self, handle, batch, operation, promise);
    return promise;
  };
  return std::tuple{
      [self, handle, &batch](write_batch& request) {
        for (auto& operation : request.operations)
          add(self, handle, batch, std::move(operation), request.sink);
      },
      [self, answered](op::create_room& request) -> caf::result<room_outcome> {
        return answered(std::move(request),
                        self->template make_response_promise<room_outcome>());
      },
      [self, answered](op::end_recoverable request) -> caf::result<bool> {
        return answered(request, self->template make_response_promise<bool>());
      },
      [self, answered](op::resume_recoverable request) -> caf::result<bool> {
        return answered(request, self->template make_response_promise<bool>());
      },
      [self, answered](op::owe_gaps& request) -> caf::result<bool> {
        return answered(std::move(request), self->template make_response_promise<bool>());
      },
      [&batch](store_damaged) { batch.stop(); },
      [self, handle, &batch](commit_queued) { commit(self, handle, batch); },
      [self, handle, &batch](purge_expired) { purge_in_time(self, handle, batch); },
      [&batch](ask_writer_stats) { return batch.stats(); },
  };
}

/// Returns the clauses of a reader. `on_damage` is called for every answer that damage
/// prevents, and `feed` to feed the search index.
template <class OnDamage, class Feed>
auto reader_clauses(page_reader& pages, OnDamage on_damage, Feed feed) {
  const auto checked = [on_damage](auto outcome) {
    if (!outcome && outcome.error() == store_error::corrupt) on_damage();
    return outcome;
  };
  return std::tuple{
      [&pages, checked](const message_range& range) -> caf::result<read_outcome> {
        return checked(pages.read(range));
      },
      [&pages, checked](const room_query& query) -> caf::result<view_outcome> {
        return checked(pages.view(query));
      },
      [&pages, checked](const ask_readings& question) -> caf::result<readings_outcome> {
        return checked(pages.readings(question));
      },
      [&pages, checked](const search_request& request) -> caf::result<search_outcome> {
        return checked(pages.search(request));
      },
      [feed](feed_index) { feed(); },
      [&pages](ask_search_stats) { return pages.searched(); },
      [&pages, checked](const room_ref& room) -> caf::result<room_outcome> {
        return checked(pages.find(room));
      },
      [&pages, checked](const find_state& question) -> caf::result<state_outcome> {
        return checked(pages.find_state_of(question.room));
      },
      [&pages, checked](const find_known& question) -> caf::result<known_outcome> {
        return checked(pages.find_known_to(question));
      },
      [&pages, checked](const list_rooms& request) -> caf::result<list_outcome> {
        return checked(pages.list(request));
      },
      [&pages, checked](const find_recoverable& request) -> caf::result<recoverable_outcome> {
        return checked(pages.find_session(request.session));
      },
      [&pages, checked](const find_missed& request) -> caf::result<missed_outcome> {
        return checked(pages.find_missed_of(request));
      },
      [&pages, checked](const ask_log& question) -> caf::result<log_outcome> {
        return checked(pages.log(question));
      },
      [&pages, checked](const ask_heads& question) -> caf::result<heads_outcome> {
        return checked(pages.heads(question));
      },
  };
}

template <class Behavior, class Clauses>
Behavior behavior_of(Clauses clauses) {
  return std::apply([](auto&... each) { return Behavior{std::move(each)...}; }, clauses);
}

} // namespace

writer::writer(caf::actor_config& config, std::unique_ptr<store_writer> store, wall_clock clock,
               upkeep_actor upkeep, store_watch watch)
    : writer_actor::base(config), batch_(std::move(store), std::move(clock), std::move(watch)),
      upkeep_(std::move(upkeep)) {}

void writer::on_exit() {
  batch_.close();
  upkeep_ = nullptr;
}

void writer::ask_for_upkeep(bool urgent) {
  const auto finished = [this](bool) { batch_.on_upkeep_done(); };
  // Nobody else does it any more.
  const auto gone = [this](const caf::error&) { batch_.leave_upkeep(nullptr); };
  batch_.on_upkeep_begun();
  auto request = compat::request(this, upkeep_, caf::infinite, do_upkeep{});
  if (urgent)
    request.await(finished, gone); // and nothing else meanwhile
  else
    request.then(finished, gone);
}

upkeep_worker::behavior_type upkeep_worker::make_behavior() {
  return {[this](do_upkeep) {
    store_->run();
    return true;
  }};
}

writer::behavior_type writer::make_behavior() {
  if (upkeep_) batch_.leave_upkeep([this](bool urgent) { ask_for_upkeep(urgent); });
  return behavior_of<behavior_type>(writer_clauses(this, writer_actor{this}, batch_));
}

reader::reader(caf::actor_config& config, std::unique_ptr<store_reader> store,
               writer_actor writer)
    : reader_actor::base(config), pages_(std::move(store)), writer_(std::move(writer)) {}

reader::behavior_type reader::make_behavior() {
  return behavior_of<behavior_type>(reader_clauses(
      pages_, [this] { compat::anon_send(writer_, store_damaged{}); }, [this] { feed(); }));
}

void reader::feed() {
  const bool more = pages_.feed();
  if (!pages_.searched().index.is_kept) return;
  const reader_actor self{this};
  if (more)
    compat::send(this, self, feed_index{}); // after the searches that wait
  else
    compat::delayed_send(this, self, feed_interval, feed_index{});
}

void reader::on_exit() {
  pages_.close();
  writer_ = nullptr;
}

single_store::single_store(caf::actor_config& config, std::unique_ptr<store_writer> store,
                           std::unique_ptr<store_reader> reads, wall_clock clock,
                           store_watch watch)
    : store_actor::base(config), batch_(std::move(store), std::move(clock), std::move(watch)),
      pages_(std::move(reads)) {}

single_store::behavior_type single_store::make_behavior() {
  return behavior_of<behavior_type>(
      std::tuple_cat(writer_clauses(this, store_actor{this}, batch_),
                     reader_clauses(
                         pages_, [this] { batch_.stop(); }, [] {})));
}

} // namespace hubbub
