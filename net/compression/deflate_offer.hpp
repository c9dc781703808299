#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// A client's offer of permessage-deflate (RFC 7692) that the server accepts.
struct deflate_offer {
  /// The largest window of the client, in bits, if it named one and must be told that it may
  /// have it; empty otherwise.
  std::string client_window;
  /// True if the client asked for a window of 15 bits and must be told that it gets one.
  bool names_window = false;
};

/// Returns the first acceptable offer in the values of `Sec-WebSocket-Extensions`, one for each
/// header. Not acceptable are malformed offers and those that ask for a window smaller than 15
/// bits: a message is compressed once for all receivers, so all windows must be the same.
[[nodiscard]] std::optional<deflate_offer>
choose_deflate_offer(const std::vector<std::string_view>& values);

} // namespace hubbub
