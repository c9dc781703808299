#pragma once

#include "net/hubbub_config.hpp"
#include "net/program/handover_channel.hpp"
#include "proto/expected.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace hubbub {

/// The process that this one is to replace, which started it for that.
class predecessor {
 public:
  /// Returns it if the environment names one, and forgets the variable, which is not for the
  /// processes that this one starts.
  [[nodiscard]] static std::optional<predecessor> find();

  /// Tells it that nothing comes of it.
  void refuse(const std::string& sentence) const;
  /// Takes the sockets that it offers, checks that a server with these settings could take
  /// over, and returns once the old process has let go of everything. The error is one
  /// sentence, which the old process was told.
  [[nodiscard]] expected<void, std::string> await_turn(hubbub_config& config);
  /// Tells it that this process serves, and returns when it knows, or is gone. Does nothing the
  /// second time.
  void take_over();
  [[nodiscard]] bool has_taken_over() const { return has_taken_over_; }
  /// Tells it, if it still closes its sessions, that a third process is the service by now, so
  /// that the end of this one means nothing.
  void pass_on() const;
  /// Tells it, if it still closes its sessions, that this process was asked to stop, and has.
  void has_stopped() const;
  /// Returns the time since the last commit of the old process.
  [[nodiscard]] std::chrono::milliseconds pause() const;

 private:
  explicit predecessor(int descriptor) : channel_(descriptor) {}

  handover_channel channel_;
  std::chrono::steady_clock::time_point last_commit_;
  bool has_taken_over_ = false;
};

/// Checks that a server with these settings could replace one that offers this, and changes
/// nothing. The error is one sentence.
[[nodiscard]] expected<void, std::string> check_takeover(const hubbub_config& config,
                                                         const handover_offer& offer);

/// The variable of the environment that names the descriptor of the channel.
inline constexpr auto predecessor_variable = "SUCCESSOR_OF_HUBBUB";

} // namespace hubbub
