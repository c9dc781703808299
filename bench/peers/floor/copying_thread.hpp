#pragma once

#include "persistence/store.hpp"

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>

namespace hubbub::floor {

/// Copies what a writer has committed from the log into the database when the writer asks for
/// it, on a thread of its own, as Hubbub's copier does. Everything but the thread
/// itself is used from the writer's thread.
class copying_thread {
 public:
  copying_thread(store_writer& writer, std::unique_ptr<store_upkeep> copier);
  /// Finishes the copy that is under way; what remains is left to the writer.
  ~copying_thread();
  copying_thread(const copying_thread&) = delete;
  copying_thread& operator=(const copying_thread&) = delete;

  /// Tells the writer what has been copied, and waits for the copy if nothing may be committed
  /// before it. Call before each commit.
  void settle();

 private:
  void want(bool urgent);
  bool take_copied();
  void run();

  store_writer* writer_;
  std::unique_ptr<store_upkeep> copier_; ///< used by the thread alone

  // The state that `lock_` guards, and the thread.
  std::mutex lock_;
  std::condition_variable change_;
  std::size_t wanted_ = 0; ///< copies that were asked for
  std::size_t copied_ = 0; ///< copies that were made and not reported to the writer
  bool urgent_ = false;
  bool ends_ = false;
  std::thread thread_;
};

} // namespace hubbub::floor
