#pragma once

#include "actors/interfaces.hpp"
#include "actors/metrics/pass_clock.hpp"
#include "actors/settings.hpp"
#include "actors/store/results_by_sink.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace hubbub {

/// Carries the writes of the rooms of one io thread to the writer, and the outcomes back. The
/// writes of one pass of the thread go in one message, and so does the answer to a commit.
/// Otherwise a busy pass would wake the writer once for each message; the writer would commit
/// them one by one and wake the thread again for each.
class write_gate : public write_gate_actor::base {
 public:
  write_gate(caf::actor_config& config, writer_actor writer,
             std::size_t max_waiting = chat_settings{}.writes_per_thread,
             refusal_counter_ptr refusals = std::make_shared<refusal_counter>());

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// One write on its way, and the sink of its outcome.
  struct origin {
    write_sink sink;
    pass_clock::time_point since; ///< of the pass in which it was taken
    bool is_message = false;
    bool refused = false; ///< not forwarded; still answered in order, with `busy`
  };

  void take(write_request& request);
  void hand_over();
  void give_back(write_results& results);
  void give_back_refused(results_by_sink& answers, pass_clock::time_point now);
  void measure(const origin& from, const write_outcome& outcome, pass_clock::time_point now);
  [[nodiscard]] chat_measures measures();

  writer_actor writer_;
  std::size_t max_waiting_;
  refusal_counter_ptr refusals_;  ///< the counter of this thread
  std::vector<write_op> batch_;   ///< writes of this pass
  pass_clock::time_point pass_{}; ///< when the first of them was taken
  std::deque<origin> origins_;    ///< writes without an outcome yet, in order
};

} // namespace hubbub
