#pragma once

#include "proto/expected.hpp"
#include "proto/websocket/websocket_decoder.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace hubbub {

/// Inflates what clients with permessage-deflate send (RFC 7692), on one io thread. Clients
/// take over no context from message to message, so that one window serves all of them.
class message_inflater {
 public:
  message_inflater();
  ~message_inflater();
  message_inflater(const message_inflater&) = delete;
  message_inflater& operator=(const message_inflater&) = delete;

  /// The message that `compressed` was. `too_large` past `max` bytes, or without memory for a
  /// window; `protocol` where it was none.
  [[nodiscard]] expected<std::string, websocket_error> inflate(std::string_view compressed,
                                                               std::size_t max);

 private:
  struct output {
    std::string bytes;
    std::size_t size = 0; ///< of `bytes` that is inflated: the rest is room
    int streams = 0;      ///< that have ended
  };

  [[nodiscard]] bool start();
  [[nodiscard]] expected<void, websocket_error> add(std::string_view compressed,
                                                    std::size_t max, output& plain);

  struct ender {
    void operator()(z_stream_s* stream) const;
  };
  std::unique_ptr<z_stream_s, ender> stream_; ///< made when first needed
};

} // namespace hubbub
