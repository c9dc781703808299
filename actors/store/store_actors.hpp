#pragma once

#include "actors/bus/bus_posts.hpp"
#include "actors/interfaces.hpp"
#include "actors/store/commit_pause.hpp"
#include "actors/store/store_health.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

/// The actors around the store, the only ones that block on the disk. They are spawned
/// detached.
namespace hubbub {

/// Returns wall-clock time; passed as an argument so that tests can set it.
using wall_clock = std::function<timestamp()>;
/// Returns the time of the system's clock.
[[nodiscard]] timestamp wall_clock_now();

/// Decides when the tail of the log is taken into the search index: soon after it was begun,
/// and at once where it is long.
class index_schedule {
 public:
  /// The length from which on the tail is indexed as soon as no commit is due. It is a step's
  /// work, so that a commit never waits for more than one step.
  static constexpr std::int64_t long_tail = 128;
  /// How long a short tail waits for more messages.
  static constexpr std::chrono::milliseconds patience{1000};

  /// Returns true if a step must be asked for now. Call after each commit and each step.
  [[nodiscard]] bool wants_step(std::int64_t tail) {
    return tail >= long_tail && !failed_ && !std::exchange(step_is_due_, true);
  }
  /// Returns true if a step must be asked for in a while.
  [[nodiscard]] bool wants_timer(std::int64_t tail) {
    return tail > 0 && !std::exchange(timer_is_set_, true);
  }
  void on_due(const index_due& what) { (what.timed ? timer_is_set_ : step_is_due_) = false; }
  /// Notes the result of `store_writer::index_tail`: after a failure only the timer tries
  /// again.
  void on_step(bool more, std::int64_t tail) { failed_ = !more && tail > 0; }

 private:
  bool failed_ = false;
  bool step_is_due_ = false;
  bool timer_is_set_ = false;
};

/// Collects operations and commits them together.
class commit_batch {
 public:
  commit_batch(std::unique_ptr<store_writer> store, wall_clock clock, store_watch watch);

  /// Maximum number of operations in one transaction; it bounds how long the first of a batch
  /// waits.
  static constexpr std::size_t max_operations = 1'000;

  /// Where an op's outcome goes; a `bool` says whether an op that returns nothing was stored.
  using answer_to = std::variant<write_sink, caf::typed_response_promise<room_outcome>,
                                 caf::typed_response_promise<bool>>;
  void add(write_op operation, answer_to answer);
  [[nodiscard]] std::size_t size() const { return operations_.size(); }
  /// Commits the batch, if it is not empty, and answers all of it: one message for each sink.
  void commit();
  /// Has what is committed passed on to the bus, after it was answered.
  void publish_by(bus_outlet outlet) { outlet_.emplace(std::move(outlet)); }
  /// Removes expired records; see `store_writer::purge`.
  bool purge() { return store_->purge(clock_()); }
  /// Lets time pass after a failure; see `store_health`.
  void on_time() { health_.on_time(std::chrono::steady_clock::now()); }
  [[nodiscard]] bool wants_time() {
    return health_.wants_time(std::chrono::steady_clock::now());
  }
  /// Takes some of the log's tail into the search index; see `store_writer::index_tail`.
  bool index_tail() { return store_ && store_->index_tail(); }
  [[nodiscard]] std::int64_t search_tail() const { return store_ ? store_->search_tail() : 0; }
  [[nodiscard]] index_schedule& indexing() { return indexing_; }
  [[nodiscard]] commit_pause& pause() { return pause_; }
  /// Stops all writing; see `store_writer::stop_writing`.
  void stop();
  /// Leaves the upkeep to somebody else; see `store_writer::leave_upkeep`.
  void leave_upkeep(const store_writer::upkeep_start& start) { store_->leave_upkeep(start); }
  /// Says that the upkeep has been asked for.
  void on_upkeep_begun() { upkeep_since_ = std::chrono::steady_clock::now(); }
  /// Says that the upkeep is done; see `store_writer::on_upkeep_done`.
  void on_upkeep_done() {
    upkeep_since_.reset();
    store_->on_upkeep_done();
  }
  /// Closes the store. The actor may live on as a name in a timer.
  void close() { store_.reset(); }
  [[nodiscard]] writer_stats stats() const;

 private:
  void count(const write_outcome& outcome);
  void judge(const std::vector<write_outcome>& outcomes, steady_time now);

  std::unique_ptr<store_writer> store_;
  wall_clock clock_;
  std::vector<write_op> operations_;
  std::vector<answer_to> answers_; ///< parallel to the operations
  writer_stats stats_;
  store_health health_;
  index_schedule indexing_;
  commit_pause pause_;
  std::optional<steady_time> upkeep_since_; ///< set while it is under way
  std::optional<bus_outlet> outlet_;        ///< none without a bus
};

/// Answers the requests of a reader actor.
class page_reader {
 public:
  explicit page_reader(std::unique_ptr<store_reader> store) : store_(std::move(store)) {}
  /// Closes the store.
  void close() { store_.reset(); }
  [[nodiscard]] read_outcome read(const message_range& range);
  [[nodiscard]] view_outcome view(const room_query& query);
  [[nodiscard]] readings_outcome readings(const ask_readings& question);
  [[nodiscard]] search_outcome search(const search_request& request);
  /// Feeds the search index; see `store_reader::feed_index`.
  bool feed() { return store_->feed_index(); }
  [[nodiscard]] search_stats searched() const;
  [[nodiscard]] room_outcome find(const room_ref& room);
  [[nodiscard]] state_outcome find_state_of(const room_ref& room);
  [[nodiscard]] known_outcome find_known_to(const find_known& question);
  [[nodiscard]] recoverable_outcome find_session(recovery_id id);
  [[nodiscard]] missed_outcome find_missed_of(const find_missed& request);
  [[nodiscard]] log_outcome log(const ask_log& question) {
    return store_->read_log(question.after, question.limit);
  }
  [[nodiscard]] heads_outcome heads(const ask_heads& question) {
    return store_->read_heads(question.rooms);
  }
  [[nodiscard]] list_outcome list(const list_rooms& request);
  [[nodiscard]] counts_outcome count(const count_members& question) {
    return store_->count_members(question.rooms);
  }
  [[nodiscard]] members_outcome members(const find_members& question) {
    return store_->read_members(question.room);
  }

 private:
  [[nodiscard]] read_outcome read(const message_range& range, std::string_view room_name);

  std::unique_ptr<store_reader> store_;
  search_stats stats_;
};

/// The actor of the store's only writer.
class writer : public writer_actor::base {
 public:
  /// Makes a writer. With an `upkeep`, that actor does the upkeep of the store as long as it
  /// lives. `watch` is told of changes of the store's health, and `bus` what was committed.
  writer(caf::actor_config& config, std::unique_ptr<store_writer> store,
         wall_clock clock = wall_clock_now, upkeep_actor upkeep = {}, store_watch watch = {},
         bus_handle bus = {});
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  void ask_for_upkeep(bool urgent);
  void publish(bus_posts posts, const std::function<void()>& taken);

  commit_batch batch_;
  upkeep_actor upkeep_;
  bus_handle bus_;
};

/// Relieves the writer of the upkeep of its store, which may take as long as the disk is slow.
class upkeep_worker : public upkeep_actor::base {
 public:
  upkeep_worker(caf::actor_config& config, std::unique_ptr<store_upkeep> store)
      : upkeep_actor::base(config), store_(std::move(store)) {}
  behavior_type make_behavior() override;
  void on_exit() override { store_.reset(); }

 private:
  std::unique_ptr<store_upkeep> store_;
};

/// One of a small pool of readers.
class reader : public reader_actor::base {
 public:
  /// Makes a reader; `writer` is told of damage that the reader meets.
  reader(caf::actor_config& config, std::unique_ptr<store_reader> store, writer_actor writer);
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// Feeds the search index, if it is a file, and asks itself to do so again.
  void feed();
  using search_promise = caf::typed_response_promise<search_outcome>;
  /// Answers a search once the writer has indexed the tail of the log.
  void search(const search_request& request, search_promise answer);

  page_reader pages_;
  writer_actor writer_;
};

/// Both in one actor, for a store whose readers must stay on the writer's thread.
using store_actor = writer_actor::extend_with<reader_actor>;
class single_store : public store_actor::base {
 public:
  single_store(caf::actor_config& config, std::unique_ptr<store_writer> store,
               std::unique_ptr<store_reader> reads, wall_clock clock = wall_clock_now,
               store_watch watch = {});
  behavior_type make_behavior() override;
  void on_exit() override {
    batch_.close();
    pages_.close();
  }

 private:
  commit_batch batch_;
  page_reader pages_;
};

} // namespace hubbub
