#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// A client's offer of permessage-deflate (RFC 7692) that the server takes up.
struct deflate_offer {
  /// As Beast is to see it; what it does not say is left to us.
  std::string text;
  /// The client asked for a window of 15 bits and must hear that it gets one.
  bool names_window = false;
};

/// The first acceptable offer in the values of `Sec-WebSocket-Extensions`, a header each. Not
/// acceptable is what is malformed, and what asks for a smaller window than 15 bits: a message
/// is compressed once for all, so nobody's window can be smaller than anyone else's.
[[nodiscard]] std::optional<deflate_offer>
choose_deflate_offer(const std::vector<std::string_view>& values);

} // namespace hubbub
