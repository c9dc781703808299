#pragma once

#include "actors/store_interfaces.hpp"

namespace hubbub::test {

/// A writer played by a test, which stores nothing. A derived class says what it does with
/// batches and what it tells of itself.
class played_writer : public writer_actor::base {
 public:
  using writer_actor::base::base;

  behavior_type make_behavior() override {
    return {
        [this](write_batch& batch) { on_batch(batch); },
        [](const op::create_room&) -> room_outcome { return unexpected(store_error::io); },
        [](const op::end_recoverable&) { return true; },
        [](const op::resume_recoverable&) { return true; },
        [](const op::owe_gaps&) { return true; },
        [](const store_damaged&) {},
        [](commit_queued) {},
        [](purge_expired) {},
        [](const index_due&) {},
        [](bring_search_up) { return false; },
        [this](ask_writer_stats) { return on_stats(); },
    };
  }

 protected:
  virtual void on_batch(write_batch&) {}
  virtual caf::result<writer_stats> on_stats() { return writer_stats{}; }
};

} // namespace hubbub::test
