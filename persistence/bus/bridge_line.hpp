#pragma once

#include "persistence/bus/bus_line.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// What came over a bridge.
struct bridge_catch {
  std::vector<bus_catch::message> heard;
  std::vector<std::string> pongs;
  std::optional<bool> claimed; ///< the answer to the last claim
};

/// Listens to the channels on which programs of Socket.IO's ecosystem tell servers to emit. It
/// is synchronous and belongs to one thread, like a bus.
class bridge_line {
 public:
  using milliseconds = std::chrono::milliseconds;

  virtual ~bridge_line() = default;
  /// Connects, in place of a connection that there was, and subscribes. The error is the reason
  /// in a few words.
  [[nodiscard]] virtual expected<void, std::string> connect(milliseconds patience) = 0;
  /// Drops the connection, and gives a claim back.
  virtual void close() = 0;
  /// Sends a text that comes back over the connection that listens.
  virtual void ping(std::string_view text) = 0;
  /// Claims a key for this owner, or holds on to it, for some time. Only one has it.
  virtual void claim(const std::string& key, const std::string& owner, milliseconds time) = 0;
  /// Sends what is queued, and waits until something has come or `bell` rings, at most for
  /// `patience`. The error is the reason for which the connection is lost.
  [[nodiscard]] virtual expected<bridge_catch, std::string> pass(const bus_bell& bell,
                                                                 milliseconds patience) = 0;
};

/// True if Python's publishers use this channel, and not those of Node.
[[nodiscard]] bool is_python_channel(std::string_view channel);

/// Makes the line to a Redis, which has yet to be connected. With `claims` it can claim keys,
/// over a connection more.
[[nodiscard]] std::unique_ptr<bridge_line> make_bridge_line(const bus_address& address,
                                                            bool claims);

} // namespace hubbub
