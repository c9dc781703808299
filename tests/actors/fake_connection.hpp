#pragma once

#include "actors/interfaces.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {

/// A connection without a socket that records what is sent.
class fake_connection final : public connection,
                              public std::enable_shared_from_this<fake_connection> {
 public:
  void send(const frame_ptr& frame) override {
    if (!closed) frames.push_back(frame);
  }
  void send_volatile(const frame_ptr& frame) override {
    if (!congested) send(frame);
  }
  void close(close_reason reason) override {
    if (closed) return;
    closed = reason;
    if (session) compat::anon_send(session, session_event{connection_closed{reason}});
  }
  void wake_session_at(steady_time when) override { wake_at = when; }
  void note_held(std::size_t bytes) override { held = bytes; }

  /// Returns what was sent since the last call, as text that begins with the Engine.IO digit.
  [[nodiscard]] std::vector<std::string> take() {
    std::vector<std::string> texts;
    for (const auto& frame : std::exchange(frames, {}))
      texts.push_back(frame->payload_copy());
    return texts;
  }

  std::vector<frame_ptr> frames;
  bool congested = false; ///< the queue is past its soft bound
  std::optional<close_reason> closed;
  std::optional<steady_time> wake_at;
  std::size_t held = 0;  ///< bytes that the session holds
  session_actor session; ///< the session that is told of the end
};

} // namespace hubbub::test
