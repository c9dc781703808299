#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hubbub {

/// Follows the frames of a WebSocket's incoming bytes (RFC 6455, 5.2) by their headers alone
/// and counts in how many frames each message comes. A flood of tiny fragments, empty ones
/// included, costs a library more than its bytes tell. What else may be wrong with a frame is
/// for the library to find.
class websocket_scanner {
 public:
  /// The next bytes, cut anywhere. False: a message came in more than `max_fragments` frames.
  /// After that the scanner is spent.
  [[nodiscard]] bool feed(std::string_view bytes, std::size_t max_fragments);

 private:
  enum class expecting : std::uint8_t { first_byte, second_byte, length, rest };
  /// The length is known: the mask and the payload follow.
  [[nodiscard]] bool on_header(std::size_t max_fragments);

  std::uint64_t rest_ = 0;      ///< bytes of this frame that follow, or its length so far
  std::uint32_t fragments_ = 0; ///< of the message that is under way
  expecting expecting_ = expecting::first_byte;
  std::uint8_t first_byte_ = 0;
  std::uint8_t length_bytes_ = 0; ///< that are still missing
  bool masked_ = false;
};

} // namespace hubbub
