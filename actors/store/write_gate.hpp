#pragma once

#include "actors/interfaces.hpp"
#include "actors/settings.hpp"
#include "actors/store/results_by_sink.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace hubbub {

/// Carries what the rooms of one io thread write to the writer, and the outcomes back: what was
/// said within one pass of the thread goes in one message, and so does the answer to a commit.
/// Otherwise a busy pass would wake the writer once a message, which then would commit them one
/// by one and wake the thread again for each.
class write_gate : public write_gate_actor::base {
 public:
  write_gate(caf::actor_config& config, writer_actor writer,
             std::size_t max_waiting = chat_settings{}.writes_per_thread,
             refusal_book_ptr refusals = std::make_shared<refusal_book>());

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// One write on its way, and who wants to know.
  struct origin {
    write_sink sink;
    bool refused = false; ///< it went nowhere; its turn to be answered comes all the same
  };

  void take(write_request& request);
  void hand_over();
  void give_back(write_results& results);
  void give_back_refused(results_by_sink& answers);

  writer_actor writer_;
  std::size_t max_waiting_;
  refusal_book_ptr refusals_;   ///< of the thread
  std::vector<write_op> batch_; ///< of this pass
  std::deque<origin> origins_;  ///< of what has no outcome yet, in order
};

} // namespace hubbub
