#pragma once

#include "proto/expected.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// API keys at rest: not the keys, but what they hash to. A key holds 256 random bits, so a
/// plain SHA-256 tells nothing of it.
namespace hubbub {

/// What every API key begins with: a scanner for leaked secrets finds it, and no token looks
/// like one.
inline constexpr std::string_view api_key_prefix = "hbk_";

struct api_key_record {
  std::string name; ///< who it was given to; speaks where a request names no user
  std::array<std::uint8_t, 32> hash{};
};

struct api_key_list {
  std::vector<api_key_record> keys;
  /// A sentence for each line that is wrong, which it names, but shows nothing of it.
  std::vector<std::string> ignored;
};

inline constexpr std::size_t max_api_keys = 1'000;
/// A file with more of them is another file.
inline constexpr std::size_t max_wrong_lines = 100;

/// A line a key: its name, white space, 64 hexadecimal digits. Empty lines and those that begin
/// with `#` are passed over; wrong lines and repeated names are ignored, unless nothing else is
/// there. The error is a sentence.
[[nodiscard]] expected<api_key_list, std::string> parse_api_keys(std::string_view text);

/// The line for a key, without its end.
[[nodiscard]] std::string api_key_line(const api_key_record& key);

} // namespace hubbub
