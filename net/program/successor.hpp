#pragma once

#include "net/program/handover_channel.hpp"
#include "proto/expected.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace hubbub {

/// A new process of the program, which is to replace this one. It has the same arguments and
/// environment, and nothing of this process's descriptors but standard ones and the channel.
///
/// Its parent is a third process, the guardian, which says how it ended. Once the guardian is
/// dismissed, the first process of the system is the parent: a supervisor that is that one
/// waits for its own children alone.
class successor {
 public:
  /// Starts the program again, by the name by which this process was started: what lies there
  /// now is the new version. The error is one sentence.
  [[nodiscard]] static expected<std::unique_ptr<successor>, std::string>
  launch(boost::asio::io_context& io);

  /// Ends the process, unless it was let go.
  ~successor();
  successor(const successor&) = delete;
  successor& operator=(const successor&) = delete;

  [[nodiscard]] pid_t pid() const { return process_.pid; }
  bool send(const handover_message& message) const { return channel_.send(message); }
  /// Calls `on_message` once, with the next message, or nothing when the process has ended or
  /// the time is over; 0: no limit.
  void await(std::chrono::milliseconds at_most,
             std::function<void(std::optional<handover_message>)> on_message);
  /// Has the last `await` call nobody.
  void stop_waiting() { on_message_ = nullptr; }
  /// Returns how the process ended, for the end of a sentence; empty while it runs. One that
  /// has closed its channel is given the time to end.
  [[nodiscard]] std::string fate(bool is_ending = false);
  /// Asks it to stop.
  void stop() const;
  /// Lets it live on without this process.
  void let_go() { lets_go_ = true; }
  /// Leaves it to the first process of the system. From here on nobody knows how it ended.
  void dismiss_guardian();

 private:
  /// The processes, and how they are reached.
  struct handles {
    pid_t pid;
    int descriptor; ///< a pidfd, which can mean no other process
    pid_t guardian; ///< 0: it was dismissed
    int reports;    ///< from the guardian
  };
  successor(boost::asio::io_context& io, handover_channel channel, const handles& process);
  bool has_ended_within(std::chrono::milliseconds time);

  handles process_;
  bool has_ended_ = false;
  bool lets_go_ = false;
  std::optional<int>
      status_; ///< what it ended with, or a signal as a negative number, if known
  handover_channel channel_;
  boost::asio::posix::stream_descriptor readable_; ///< a duplicate, to wait for
  boost::asio::steady_timer timer_;
  std::function<void(std::optional<handover_message>)> on_message_;
  std::shared_ptr<int> exists_ = std::make_shared<int>(); ///< for handlers that come late
};

} // namespace hubbub
