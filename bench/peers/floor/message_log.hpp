#pragma once

#include "bench/client/file_descriptor.hpp"
#include "bench/peers/floor/connection.hpp"
#include "bench/peers/floor/copying_thread.hpp"
#include "persistence/store.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hubbub::floor {

/// A message on its way to the log and back.
struct logged_message {
  connection_ptr sender;
  std::string ack; ///< the id of the ack that was asked for; empty if none was
  room* where = nullptr;
  std::string user;    ///< as a JSON string, as is `content`
  std::string content; ///< as the sender wrote it
  op::append_message append;
  write_outcome outcome;
};

enum class writing : std::uint8_t {
  in_the_loop, ///< the loop waits for each commit
  on_a_thread, ///< a thread commits while the loop goes on
};

/// Appends messages to Hubbub's own store, so that both run the same statements; the messages
/// of a pass share a transaction. Another thread copies them into the database, as Hubbub's
/// copier does.
class message_log {
 public:
  message_log(store& opened, writing where);
  ~message_log();
  message_log(const message_log&) = delete;
  message_log& operator=(const message_log&) = delete;

  /// Creates a room and waits until it is stored; returns 0 if that failed.
  [[nodiscard]] room_id create(std::string name);

  void add(logged_message message) { batch_.push_back(std::move(message)); }
  /// Commits the added messages, or hands them to the thread.
  void end_pass();
  /// Returns the messages that were stored since the last call, in the order of the log.
  [[nodiscard]] std::vector<logged_message> take_done();
  /// Becomes readable when the thread has committed something; not open without a thread.
  [[nodiscard]] const bench::file_descriptor& news() const { return news_; }

 private:
  using batch = std::vector<logged_message>;

  std::vector<write_outcome> write(std::span<const write_op> ops);
  void commit(batch& messages);
  void run_thread();

  std::unique_ptr<store_writer> writer_;
  std::optional<copying_thread> copying_; ///< empty for a store that has no separate log
  batch batch_;
  batch done_;
  bench::file_descriptor news_;

  // The thread's state, which `lock_` guards, and the thread.
  std::mutex lock_;
  std::condition_variable wake_;
  batch handed_over_;
  batch committed_;
  bool ends_ = false;
  std::mutex writer_lock_;
  std::thread thread_;
};

} // namespace hubbub::floor
