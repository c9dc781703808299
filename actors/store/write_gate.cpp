#include "actors/store/write_gate.hpp"

#include <utility>

namespace hubbub {

namespace {

/// What clients make others of without end; what a room writes for itself is never refused.
bool is_a_clients(const write_op& operation) {
  return std::holds_alternative<append_message>(operation) ||
         std::holds_alternative<edit_message>(operation) ||
         std::holds_alternative<delete_message>(operation) ||
         std::holds_alternative<mark_read>(operation);
}

} // namespace

write_gate::write_gate(caf::actor_config& config, writer_actor writer, std::size_t max_waiting,
                       refusal_book_ptr refusals)
    : write_gate_actor::base(config), writer_(std::move(writer)), max_waiting_(max_waiting),
      refusals_(std::move(refusals)) {}

write_gate::behavior_type write_gate::make_behavior() {
  return {
      [this](write_request& request) { take(request); },
      [this](write_results& results) { give_back(results); },
      [this](caf::flush_atom) { hand_over(); },
      [this](ask_refusals) { return refusals_->counts(); },
      [this](caf::get_atom) {
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

/// The first of a pass asks for the handing over: it lands behind all that is queued already.
void write_gate::take(write_request& request) {
  const bool refused = origins_.size() >= max_waiting_ && is_a_clients(request.operation);
  origins_.push_back({std::move(request.sink), refused});
  if (refused) return refusals_->note(refused_by::writes_per_thread);
  batch_.push_back(std::move(request.operation));
  if (batch_.size() == 1) compat::send(this, write_gate_actor{this}, caf::flush_atom::value);
}

void write_gate::hand_over() {
  if (batch_.empty()) return;
  const write_sink self{write_gate_actor{this}};
  compat::anon_send(writer_, write_batch{std::exchange(batch_, {}), self});
}

/// Outcomes come in the order in which the operations went.
void write_gate::give_back(write_results& results) {
  results_by_sink answers;
  for (auto& outcome : results) {
    answers.add(std::move(origins_.front().sink), std::move(outcome));
    origins_.pop_front();
    give_back_refused(answers);
  }
  std::move(answers).send();
}

/// Those whose turn it is. There is none in front of all: it was refused because of others.
void write_gate::give_back_refused(results_by_sink& answers) {
  while (!origins_.empty() && origins_.front().refused) {
    answers.add(std::move(origins_.front().sink), store_error::busy);
    origins_.pop_front();
  }
}

} // namespace hubbub
