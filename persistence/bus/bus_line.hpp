#pragma once

#include "persistence/bus/bus_address.hpp"
#include "persistence/bus/bus_bell.hpp"
#include "proto/expected.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// What came over a bus.
struct bus_catch {
  struct message {
    std::string channel;
    std::string text;
  };
  std::vector<message> heard;
  /// Channels whose subscription is in force from here on: whatever is published later comes.
  std::vector<std::string> confirmed;
};

/// A line to a bus, which carries texts to all who subscribe to a channel. A bus may lose,
/// double and swap what it carries, and may carry what nobody of ours has sent. A line is
/// synchronous and belongs to one thread, like a store; Redis and PostgreSQL implement it.
class bus_line {
 public:
  using milliseconds = std::chrono::milliseconds;

  virtual ~bus_line() = default;
  /// Connects, in place of a connection that there was, without subscriptions. The error is
  /// the reason in a few words.
  [[nodiscard]] virtual expected<void, std::string> connect(milliseconds patience) = 0;
  /// Drops the connection.
  virtual void close() = 0;
  virtual void subscribe(const std::string& channel) = 0;
  virtual void unsubscribe(const std::string& channel) = 0;
  /// Queues a text. Returns false, and drops it, if too much is queued.
  virtual bool publish(const std::string& channel, std::string_view text) = 0;
  /// Sends what is queued, and waits until something has come or `bell` rings, at most for
  /// `patience`. The error is the reason for which the connection is lost.
  [[nodiscard]] virtual expected<bus_catch, std::string> pass(const bus_bell& bell,
                                                              milliseconds patience) = 0;

  /// Maximum number of bytes that a line queues.
  static constexpr std::size_t max_queued = 4'000'000;
};

/// Makes the line, which has yet to be connected; null for no bus. `database` is the address of
/// the PostgreSQL that the nodes share.
[[nodiscard]] std::unique_ptr<bus_line> make_bus_line(const bus_address& address,
                                                      const std::string& database);

} // namespace hubbub
