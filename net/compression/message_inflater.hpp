#pragma once

#include "proto/expected.hpp"
#include "proto/websocket/websocket_decoder.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace hubbub {

/// Inflates what clients send with permessage-deflate (RFC 7692), on one io thread. Clients
/// keep no context from message to message, so one window serves all of them.
class message_inflater {
 public:
  message_inflater();
  ~message_inflater();
  message_inflater(const message_inflater&) = delete;
  message_inflater& operator=(const message_inflater&) = delete;

  /// Returns the inflated message. `too_large` above `max` bytes, or without memory for a
  /// window; `protocol` if the data is invalid.
  [[nodiscard]] expected<std::string, websocket_error> inflate(std::string_view compressed,
                                                               std::size_t max);

 private:
  struct output {
    std::string bytes;
    std::size_t size = 0; ///< bytes of `bytes` that are filled; the rest is room
    int streams = 0;      ///< streams of this message that have ended
  };

  [[nodiscard]] bool start();
  [[nodiscard]] expected<void, websocket_error> add(std::string_view compressed,
                                                    std::size_t max, output& plain);

  struct ender {
    void operator()(z_stream_s* stream) const;
  };
  std::unique_ptr<z_stream_s, ender> stream_; ///< created when it is first needed
};

} // namespace hubbub
