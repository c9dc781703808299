// Collects operations, commits them together and answers each.
#include "actors/store/results_by_sink.hpp"
#include "actors/store/store_actors.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace hubbub {

timestamp wall_clock_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

commit_batch::commit_batch(std::unique_ptr<store_writer> store, wall_clock clock,
                           store_watch watch)
    : store_(std::move(store)), clock_(std::move(clock)), health_(std::move(watch)) {}

void commit_batch::add(write_op operation, answer_to answer) {
  operations_.push_back(std::move(operation));
  answers_.push_back(std::move(answer));
}

void commit_batch::commit() {
  if (operations_.empty()) return;
  const auto begun = std::chrono::steady_clock::now();
  auto outcomes = store_->commit(operations_, clock_());
  const auto done = std::chrono::steady_clock::now();
  stats_.commit_time.observe(done - begun);
  stats_.batch_size.observe(static_cast<std::int64_t>(operations_.size()));
  health_.on_commit(done - begun);
  pause_.on_commit(operations_.size(), done, store_->gathering_time());
  judge(outcomes, done);
  if (outlet_) outlet_->keep(outcomes);
  auto foreign = store_->take_foreign();
  auto next_foreign = foreign.begin();
  results_by_sink results;
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    count(outcomes[i]);
    for (; next_foreign != foreign.end() && next_foreign->before == i; ++next_foreign)
      if (const auto* sink = std::get_if<write_sink>(&answers_[i]))
        results.add(*sink, std::move(next_foreign->entries));
    if (auto* sink = std::get_if<write_sink>(&answers_[i])) {
      results.add(std::move(*sink), std::move(outcomes[i]));
    } else if (auto* noted_by = std::get_if<caf::typed_response_promise<bool>>(&answers_[i])) {
      noted_by->deliver(!std::holds_alternative<store_error>(outcomes[i]));
    } else {
      auto& promise = std::get<caf::typed_response_promise<room_outcome>>(answers_[i]);
      if (auto* room = std::get_if<room_record>(&outcomes[i]))
        promise.deliver(room_outcome{std::move(*room)});
      else
        promise.deliver(room_outcome{unexpected(std::get<store_error>(outcomes[i]))});
    }
  }
  operations_.clear();
  answers_.clear();
  std::move(results).send();
  if (outlet_) outlet_->send();
}

void commit_batch::count(const write_outcome& outcome) {
  if (const auto* done = std::get_if<appended>(&outcome)) {
    ++(done->repeated ? stats_.repeated : stats_.appended);
  } else if (const auto* change = std::get_if<changed>(&outcome)) {
    if (!change->repeated) ++(change->now.deleted_at ? stats_.deleted : stats_.edited);
  } else if (std::holds_alternative<store_error>(outcome)) {
    ++stats_.failed;
  }
}

/// Judges a commit by its outcomes: if it failed, all of them say so. A commit without a new
/// entry of a log may have had nothing to write, which succeeds on a full disk too; so it is no
/// sign that the store works again.
void commit_batch::judge(const std::vector<write_outcome>& outcomes, steady_time now) {
  const auto failure = std::ranges::find_if(outcomes, [](const write_outcome& outcome) {
    const auto* why = std::get_if<store_error>(&outcome);
    return why && (*why == store_error::full || *why == store_error::io ||
                   *why == store_error::corrupt);
  });
  if (failure == outcomes.end()) {
    ++stats_.commits;
    if (std::ranges::any_of(outcomes, [](const write_outcome& outcome) {
          return written_entry(outcome) != nullptr;
        }))
      health_.on_success(now);
  } else {
    ++stats_.commits_failed;
    health_.on_failure(std::get<store_error>(*failure), now);
  }
}

void commit_batch::stop() {
  health_.on_damage(std::chrono::steady_clock::now());
  store_->stop_writing();
}

writer_stats commit_batch::stats() const {
  auto result = stats_;
  result.queued = operations_.size();
  if (upkeep_since_) result.upkeep_time = std::chrono::steady_clock::now() - *upkeep_since_;
  if (store_) result.search = store_->searching();
  if (store_) result.log_bytes = store_->log_bytes();
  result.healthy = health_.is_healthy(std::chrono::steady_clock::now());
  return result;
}

} // namespace hubbub
