#pragma once

#include "proto/expected.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// The program that started this process and looks after it: systemd, or another one that
/// speaks its protocol (sd_notify(3), sd_listen_fds(3)). Without one nothing of this does
/// anything. Any thread may send, since a datagram is one system call.
class supervisor {
 public:
  /// Takes what the environment says: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  supervisor();
  ~supervisor();
  supervisor(const supervisor&) = delete;
  supervisor& operator=(const supervisor&) = delete;

  /// True if there is one.
  [[nodiscard]] bool exists() const { return socket_ >= 0; }
  /// Says that the service works; `status` is a line for people.
  void ready(const std::string& status) const;
  /// Says that settings are being read again; `ready` says that this is over.
  void reloading() const;
  /// Says that the service ends, which may take so long.
  void stopping(std::chrono::milliseconds at_most) const;
  /// Says that another process is the service from now on.
  void replaced_by(int pid) const;
  /// Says that the service is alive.
  void alive() const;

  /// Returns how often `alive` must be called: twice in the time after which the service would
  /// be killed. Nothing if it need not be.
  [[nodiscard]] std::optional<std::chrono::milliseconds> alive_interval() const {
    return alive_interval_;
  }

 private:
  void send(std::string_view text) const;

  int socket_ = -1;
  std::optional<std::chrono::milliseconds> alive_interval_;
};

} // namespace hubbub
