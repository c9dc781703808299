#pragma once

#include "bench/client/dialect.hpp"
#include "bench/client/endpoint.hpp"
#include "bench/client/event_loop.hpp"
#include "bench/client/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::bench {

/// One kind of attack: a connection sends `opening`, then `more` after each `pace`, and starts
/// again whenever the server closes it.
struct attack {
  std::string_view name;
  std::string opening;
  std::function<std::string(std::uint64_t count)> more; ///< empty: nothing more is sent
  std::chrono::milliseconds pace{100};
  bool reads = true;
  bool resets = false; ///< closes its own connection after the first `pace` and starts again
};

/// Returns all attacks, in the words of a dialect. Those that join a room join `room`.
[[nodiscard]] std::vector<attack> attacks_on(const endpoint& server, const dialect& words,
                                             const std::string& room);

/// One attacking connection.
class attacker final : event_handler {
 public:
  /// Begins an attack; `number` decides the address it connects from.
  attacker(event_loop& loop, const endpoint& server, const attack& what, std::size_t number);

  void begin();
  /// Closes the connection and stops the attack.
  void end();
  [[nodiscard]] std::uint64_t connects() const { return connects_; }
  /// Returns how often the server has closed the connection.
  [[nodiscard]] std::uint64_t refusals() const { return refusals_; }

 private:
  void on_events(std::uint32_t events) override;
  void go_on(std::uint64_t life);
  void begin_later(std::chrono::milliseconds pause);
  void write(std::string_view bytes);
  [[nodiscard]] bool read();
  void reset();

  event_loop* loop_;
  const endpoint* server_;
  const attack* what_;
  std::size_t number_;
  file_descriptor socket_;
  bool is_connected_ = false;
  bool is_over_ = false;
  std::string unsent_;
  std::uint64_t life_ =
      0; ///< the connection's number, so that timers of an earlier connection are ignored
  std::uint64_t said_ = 0;
  std::uint64_t connects_ = 0;
  std::uint64_t refusals_ = 0;
};

} // namespace hubbub::bench
