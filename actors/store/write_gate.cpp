#include "actors/store/write_gate.hpp"

#include <utility>

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
  origins_.push_back({std::move(request.sink), refused});
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
  for (auto& outcome : results) {
    // What other nodes wrote belongs to the room of the next outcome.
    if (std::holds_alternative<log_part>(outcome)) {
      answers.add(origins_.front().sink, std::move(outcome));
      continue;
    }
    answers.add(std::move(origins_.front().sink), std::move(outcome));
    origins_.pop_front();
    give_back_refused(answers);
  }
  std::move(answers).send();
}

/// Answers refused writes whose turn it is. A refused write is never the first in the queue,
/// since it was refused because of others.
void write_gate::give_back_refused(results_by_sink& answers) {
  while (!origins_.empty() && origins_.front().refused) {
    answers.add(std::move(origins_.front().sink), store_error::busy);
    origins_.pop_front();
  }
}

} // namespace hubbub
