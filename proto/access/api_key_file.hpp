#pragma once

#include "proto/expected.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Reads and writes the file of API keys. The file holds the hash of each key, not the key
/// itself. A key holds 256 random bits, so a plain SHA-256 reveals nothing about it.
namespace hubbub {

/// Prefix of every API key. It lets scanners find leaked keys, and no token looks like it.
inline constexpr std::string_view api_key_prefix = "hbk_";

struct api_key_record {
  std::string name; ///< whom the key was given to; the author where a request names no user
  std::array<std::uint8_t, 32> hash{};
};

struct api_key_list {
  std::vector<api_key_record> keys;
  /// One sentence for each line that is wrong. It gives the line's number, but shows nothing of
  /// the line.
  std::vector<std::string> ignored;
};

inline constexpr std::size_t max_api_keys = 1'000;
/// Number of wrong lines after which the file is taken for a file of another kind.
inline constexpr std::size_t max_wrong_lines = 100;

/// Parses a file of API keys, one key a line: its name, white space, 64 hexadecimal digits.
/// Skips empty lines and those that begin with `#`. Ignores wrong lines and repeated names,
/// unless the file holds nothing else; then it returns an error, which is a sentence.
[[nodiscard]] expected<api_key_list, std::string> parse_api_keys(std::string_view text);

/// Returns the line for a key, without the line break.
[[nodiscard]] std::string api_key_line(const api_key_record& key);

} // namespace hubbub
