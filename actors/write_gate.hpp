#pragma once

#include "actors/interfaces.hpp"

#include <deque>
#include <vector>

namespace hubbub {

/// Carries what the rooms of one io thread write to the writer, and the outcomes back: what was
/// said within one pass of the thread goes in one message, and so does the answer to a commit.
/// Otherwise a busy pass would wake the writer once a message, which then would commit them one
/// by one and wake the thread again for each.
class write_gate : public write_gate_actor::base {
 public:
  write_gate(caf::actor_config& config, writer_actor writer);

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  void take(write_request& request);
  void hand_over();
  void give_back(write_results& results);

  writer_actor writer_;
  std::vector<write_op> batch_;    ///< of this pass
  std::deque<write_sink> origins_; ///< of what has no outcome yet, in order
};

} // namespace hubbub
