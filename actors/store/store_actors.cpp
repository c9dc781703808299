#include "actors/store/store_actors.hpp"

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

/// Has the tail of the log indexed when it is time. A step that is asked for now is done after
/// everything that is queued already.
template <class Self, class Handle>
void index_in_time(Self* self, const Handle& handle, commit_batch& batch) {
  const auto tail = batch.search_tail();
  if (batch.indexing().wants_step(tail)) compat::send(self, handle, index_due{});
  if (batch.indexing().wants_timer(tail))
    compat::delayed_send(self, handle, index_schedule::patience, index_due{.timed = true});
}

template <class Self, class Handle>
void index_some(Self* self, const Handle& handle, commit_batch& batch, const index_due& due) {
  batch.indexing().on_due(due);
  const bool more = batch.index_tail();
  batch.indexing().on_step(more, batch.search_tail());
  index_in_time(self, handle, batch);
}

/// Commits, and comes back after a failure, so that the end of the wait for the next try is
/// noticed.
template <class Self, class Handle>
void commit(Self* self, const Handle& handle, commit_batch& batch) {
  if (batch.size() == 0) batch.on_time();
  batch.commit();
  if (batch.wants_time())
    compat::delayed_send(self, handle, store_health::retry_after, commit_queued{});
  index_in_time(self, handle, batch);
}

/// Commits if it is time or must be now, or else when it will be time.
template <class Self, class Handle>
void commit_in_time(Self* self, const Handle& handle, commit_batch& batch,
                    const commit_queued& due) {
  auto& pause = batch.pause();
  if (due.at_once) pause.on_timer();
  const auto left = pause.left(batch.size(), std::chrono::steady_clock::now());
  if (due.at_once || left == std::chrono::nanoseconds::zero())
    return commit(self, handle, batch);
  if (pause.wants_timer())
    compat::delayed_send(self, handle, left, commit_queued{.at_once = true});
}

/// Adds an operation to the batch. The first operation of a batch requests the flush, which is
/// handled after everything that is queued already, so that the batch grows by itself.
template <class Self, class Handle>
void add(Self* self, const Handle& handle, commit_batch& batch, write_op operation,
         commit_batch::answer_to answer) {
  batch.add(std::move(operation), std::move(answer));
  // The first operation requests the commit. It is requested again once so many have gathered
  // that it need not wait for more.
  if (batch.size() == 1 || batch.size() == commit_pause::enough)
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

namespace {

// The clauses of the two behaviours are separate, so that one actor can have both.

template <class Self, class Handle>
auto writer_clauses(Self* self, const Handle& handle, commit_batch& batch) {
  compat::delayed_send(self, handle, purge_interval, purge_expired{});
  index_in_time(self, handle, batch); // what a crash has left
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
      [self, handle, &batch](commit_queued due) { commit_in_time(self, handle, batch, due); },
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
      [self, handle, &batch](purge_expired) { purge_in_time(self, handle, batch); },
      [self, handle, &batch](const index_due& due) { index_some(self, handle, batch, due); },
      [&batch](bring_search_up) { return batch.index_tail(); },
      [&batch](ask_writer_stats) { return batch.stats(); },
  };
}

/// Returns the clauses of a reader. `on_damage` is called for every answer that damage
/// prevents, and `feed` to feed the search index; `search` answers a search.
template <class Self, class OnDamage, class Feed, class Search>
auto reader_clauses(Self* self, page_reader& pages, OnDamage on_damage, Feed feed,
                    Search search) {
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
      [search](const search_request& request) -> caf::result<search_outcome> {
        return search(request);
      },
      [feed](feed_index) { feed(); },
      [self, &pages](ask_search_stats) {
        auto told = pages.searched();
        told.mail = compat::waiting_messages(*self);
        return told;
      },
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
      [&pages, checked](const count_members& question) -> caf::result<counts_outcome> {
        return checked(pages.count(question));
      },
      [&pages, checked](const find_members& question) -> caf::result<members_outcome> {
        return checked(pages.members(question));
      },
  };
}

template <class Behavior, class Clauses>
Behavior behavior_of(Clauses clauses) {
  return std::apply([](auto&... each) { return Behavior{std::move(each)...}; }, clauses);
}

} // namespace

writer::writer(caf::actor_config& config, std::unique_ptr<store_writer> store, wall_clock clock,
               upkeep_actor upkeep, store_watch watch, bus_handle bus)
    : writer_actor::base(config), batch_(std::move(store), std::move(clock), std::move(watch)),
      upkeep_(std::move(upkeep)), bus_(std::move(bus)) {}

void writer::on_exit() {
  batch_.close();
  upkeep_ = nullptr;
  bus_ = {};
}

/// Passes on what was committed. The bus answers when it has taken it, so that what waits there
/// can be bounded here.
void writer::publish(bus_posts posts, const std::function<void()>& taken) {
  compat::request(this, bus_.actor, caf::infinite, std::move(posts))
      .then([taken](bool) { taken(); }, [taken](const caf::error&) { taken(); });
  bus_.ring();
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
  if (bus_)
    batch_.publish_by(
        {bus_.origin, [this](bus_posts posts, const std::function<void()>& taken) {
           publish(std::move(posts), taken);
         }});
  return behavior_of<behavior_type>(writer_clauses(this, writer_actor{this}, batch_));
}

reader::reader(caf::actor_config& config, std::unique_ptr<store_reader> store,
               writer_actor writer)
    : reader_actor::base(config), pages_(std::move(store)), writer_(std::move(writer)) {}

reader::behavior_type reader::make_behavior() {
  const auto report = [this] { compat::anon_send(writer_, store_damaged{}); };
  const auto keep_fed = [this] { feed(); };
  const auto look = [this](const search_request& request) {
    auto answer = make_response_promise<search_outcome>();
    search(request, answer);
    return answer;
  };
  return behavior_of<behavior_type>(reader_clauses(this, pages_, report, keep_fed, look));
}

void reader::search(const search_request& request, search_promise answer) {
  auto look = [this, request, answer]() mutable {
    auto found = pages_.search(request);
    if (!found && found.error() == store_error::corrupt)
      compat::anon_send(writer_, store_damaged{});
    answer.deliver(std::move(found));
  };
  // An index beside the database is fed by its reader, within the search.
  if (pages_.searched().index.is_kept) return look();
  const auto indexed = [this, request, answer, look](bool more) mutable {
    if (more)
      search(request, answer);
    else
      look();
  };
  // What the writer cannot index is read from the log.
  const auto gone = [look](const caf::error&) mutable { look(); };
  compat::request(this, writer_, caf::infinite, bring_search_up{}).then(indexed, gone);
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
  const auto stop = [this] { batch_.stop(); };
  const auto feed = [] {}; // the database holds the index
  const auto look = [this](const search_request& request) {
    while (batch_.index_tail()) {
    }
    auto found = pages_.search(request);
    if (!found && found.error() == store_error::corrupt) batch_.stop();
    return found;
  };
  return behavior_of<behavior_type>(
      std::tuple_cat(writer_clauses(this, store_actor{this}, batch_),
                     reader_clauses(this, pages_, stop, feed, look)));
}

} // namespace hubbub
