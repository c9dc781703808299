#pragma once

#include "bench/peers/floor/connection.hpp"
#include "proto/websocket/frame.hpp"

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub::floor {

enum class delivery : std::uint8_t {
  at_once,   ///< one `send` for each frame
  coalesced, ///< one gathered write for each connection and pass of the loop
};

/// Writes to the WebSocket connections.
class outbox {
 public:
  explicit outbox(delivery how) : how_(how) {}

  /// Keeps the bytes of a frame until the end of `flush`.
  [[nodiscard]] std::string_view keep(frame_ptr frame);
  /// Sends a kept frame or, coalescing, queues it.
  void send(connection& to, std::string_view kept);
  /// Writes what was queued in this pass.
  void flush();
  /// Continues after a socket has become writable again.
  void resume(connection& to);

  /// Returns the connections that broke or were too slow since the last call; they are
  /// `closed`.
  [[nodiscard]] std::vector<connection*> take_lost() { return std::exchange(lost_, {}); }
  [[nodiscard]] bool has_lost() const { return !lost_.empty(); }

 private:
  void write_queue(connection& to);
  void lose(connection& to);

  delivery how_;
  std::vector<frame_ptr> kept_;
  std::vector<connection*> queued_;
  std::vector<connection*> lost_;
};

} // namespace hubbub::floor
