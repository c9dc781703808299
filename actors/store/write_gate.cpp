#include "actors/store/write_gate.hpp"

#include <chrono>
#include <utility>
#include <variant>

namespace hubbub {

write_gate::write_gate(caf::actor_config& config, writer_actor writer, std::size_t max_waiting,
                       refusal_counter_ptr refusals)
    : write_gate_actor::base(config), writer_(std::move(writer)), max_waiting_(max_waiting),
      refusals_(std::move(refusals)) {}

write_gate::behavior_type write_gate::make_behavior() {
  return {
      [this](write_request& request) { take(request); },
      [this](write_results& results) { give_back(results); },
      [this](hand_over_batch) { hand_over(); },
      [this](ask_refusals) { return refusals_->counts(); },
      [this](ask_measures) { return measures(); },
      [this](hand_over_now) {
        hand_over();
        return true;
      },
  };
}

void write_gate::on_exit() {
  batch_.clear();
  origins_.clear();
  writer_ = nullptr;
}

/// Takes a write. The first one of a pass requests the handing over, which happens after
/// everything that is queued already.
void write_gate::take(write_request& request) {
  const bool refused = origins_.size() >= max_waiting_ && may_be_refused(request.operation);
  if (batch_.empty()) pass_ = std::chrono::steady_clock::now();
  origins_.push_back({std::move(request.sink), pass_,
                      std::holds_alternative<op::append_message>(request.operation), refused});
  if (refused) return refusals_->note(refused_by::writes_per_thread);
  batch_.push_back(std::move(request.operation));
  if (batch_.size() == 1) compat::send(this, write_gate_actor{this}, hand_over_batch{});
}

void write_gate::hand_over() {
  if (batch_.empty()) return;
  const write_sink self{write_gate_actor{this}};
  compat::anon_send(writer_, write_batch{std::exchange(batch_, {}), self});
}

/// Returns outcomes to their rooms; they come in the order in which the operations were sent.
void write_gate::give_back(write_results& results) {
  results_by_sink answers;
  const auto now = std::chrono::steady_clock::now();
  refusals_->measures().answered_at = now;
  for (auto& outcome : results) {
    // What other nodes wrote belongs to the room of the next outcome.
    if (std::holds_alternative<log_part>(outcome)) {
      answers.add(origins_.front().sink, std::move(outcome));
      continue;
    }
    if (origins_.front().is_message) measure(origins_.front(), outcome, now);
    answers.add(std::move(origins_.front().sink), std::move(outcome));
    origins_.pop_front();
    give_back_refused(answers, now);
  }
  std::move(answers).send();
}

/// Answers refused writes whose turn it is. A refused write is never the first in the queue,
/// since it was refused because of others.
void write_gate::give_back_refused(results_by_sink& answers, pass_clock::time_point now) {
  while (!origins_.empty() && origins_.front().refused) {
    if (origins_.front().is_message) measure(origins_.front(), store_error::busy, now);
    answers.add(std::move(origins_.front().sink), store_error::busy);
    origins_.pop_front();
  }
}

void write_gate::measure(const origin& from, const write_outcome& outcome,
                         pass_clock::time_point now) {
  auto what = ack_outcome::refused;
  if (const auto* told = std::get_if<appended>(&outcome))
    what = told->repeated ? ack_outcome::repeated : ack_outcome::stored;
  else if (const auto* why = std::get_if<store_error>(&outcome);
           why && (*why == store_error::full || *why == store_error::io ||
                   *why == store_error::corrupt))
    what = ack_outcome::failed;
  refusals_->measures().acks[static_cast<std::size_t>(what)].observe(now - from.since);
}

chat_measures write_gate::measures() {
  auto& all = refusals_->measures();
  all.writes_waiting = origins_.size();
  all.oldest_write = origins_.empty()
                         ? std::chrono::nanoseconds{0}
                         : std::chrono::steady_clock::now() - origins_.front().since;
  if (const auto* const unit = refusals_->unit()) {
    all.room_mail = 0;
    unit->for_each_ready([&all](const compat::job& each) {
      all.room_mail += compat::waiting_messages_of<room_actor::base>(each);
    });
    all.oldest_mail = unit->oldest_wait();
  }
  return all;
}

} // namespace hubbub
