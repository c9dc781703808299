#include "actors/write_gate.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

write_gate::write_gate(caf::actor_config& config, writer_actor writer)
    : write_gate_actor::base(config), writer_(std::move(writer)) {}

write_gate::behavior_type write_gate::make_behavior() {
  return {
      [this](write_request& request) { take(request); },
      [this](write_results& results) { give_back(results); },
      [this](caf::flush_atom) { hand_over(); },
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
  batch_.push_back(std::move(request.operation));
  origins_.push_back(std::move(request.sink));
  if (batch_.size() == 1) compat::send(this, write_gate_actor{this}, caf::flush_atom::value);
}

void write_gate::hand_over() {
  if (batch_.empty()) return;
  const write_sink self{write_gate_actor{this}};
  compat::anon_send(writer_, write_batch{std::exchange(batch_, {}), self});
}

/// Outcomes come in the order in which the operations went.
void write_gate::give_back(write_results& results) {
  std::vector<std::pair<write_sink, write_results>> parts;
  for (auto& outcome : results) {
    auto origin = std::move(origins_.front());
    origins_.pop_front();
    // Few rooms are busy at once, and one after the other: the last is most likely.
    auto part = std::find_if(parts.rbegin(), parts.rend(),
                             [&origin](const auto& each) { return each.first == origin; });
    if (part == parts.rend()) {
      parts.emplace_back(std::move(origin), write_results{});
      part = parts.rbegin();
    }
    part->second.push_back(std::move(outcome));
  }
  for (auto& [sink, part] : parts)
    compat::anon_send(sink, std::move(part));
}

} // namespace hubbub
