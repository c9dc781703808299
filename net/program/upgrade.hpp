#pragma once

#include "net/hubbub_config.hpp"
#include "net/program/control_socket.hpp"
#include "net/program/process_signals.hpp"
#include "net/program/successor.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hubbub {

/// Replaces this process by a new one of the program when somebody asks for it (SIGUSR2,
/// `hubbub upgrade`): starts it, has it look whether it could serve, and then has
/// `process_signals::wait` return `hand_over`. Everything happens while one of its waits lasts.
class upgrade {
 public:
  /// Makes it for a server with these settings. Both outlive it.
  upgrade(process_signals& signals, const hubbub_config& config);
  ~upgrade();

  /// Listens for `hubbub upgrade`. If that cannot be, the log says why.
  void open_control();
  /// Says at which sockets the server listens; `owns_files` if their files are its own.
  void offer(const std::vector<int>& sockets, bool owns_files);

  /// Starts a process, unless one has been started; called at SIGUSR2.
  void begin() { begin(false, nullptr); }

  /// What became of the new process.
  enum class outcome : std::uint8_t { serves, failed, stopped };
  /// Tells the new process that everything is free since `last_commit`, and returns when it
  /// serves, or has failed, or a signal came to stop. One that does not serve in time is ended.
  [[nodiscard]] outcome go(std::chrono::steady_clock::time_point last_commit);
  /// Asks the new process to stop, since this one has been asked to.
  void stop_successor();
  /// Says that the new process is the service from now on. `on_end` is called if it ends while
  /// this one lives, and told whether it failed or was asked to stop.
  void leave(std::function<void(bool failed)> on_end);
  /// Ends what is under way, and takes no request any more: this process stops, or has left.
  void give_up();
  [[nodiscard]] bool owns_files() const { return owns_files_; }
  [[nodiscard]] pid_t successor_pid() const { return next_->pid(); }
  /// Returns the sockets that were offered, which belong to the caller then.
  [[nodiscard]] std::vector<int> take_sockets();

 private:
  void begin(bool may_migrate, control_answer answer);
  [[nodiscard]] std::string objection() const;
  void on_verdict(const std::optional<handover_message>& message);
  void refuse(const std::string& why);

  process_signals* signals_;
  const hubbub_config* config_;
  control_socket control_;
  std::vector<int> sockets_; ///< duplicates, which stay open when the server closes its own
  bool owns_files_ = false;
  bool may_migrate_ = false;        ///< the new process may
  std::unique_ptr<successor> next_; ///< set while an upgrade is under way
  control_answer answer_;           ///< for whoever asked; may be empty
};

/// Returns over which time the sessions of a server that was replaced are closed: drain_time,
/// or longer if more than 2,000 clients, or half of `max_accept_rate`, would come back in a
/// second; in any case so soon that their sessions can be recovered.
[[nodiscard]] std::chrono::milliseconds closing_time(const hubbub_config& config,
                                                     std::size_t sessions);

} // namespace hubbub
