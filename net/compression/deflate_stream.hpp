#pragma once

#include <string_view>

namespace hubbub {

/// The window for zlib: 32 KB, negative for a stream without header and checksum.
inline constexpr int raw_window = -15;
/// The end of a flushed DEFLATE stream, which a sender leaves off (RFC 7692, 7.2.1).
inline constexpr std::string_view flush_tail{"\x00\x00\xff\xff", 4};

} // namespace hubbub
