#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <system_error>

namespace hubbub {

/// Returns the bytes that this process may still write to the disk of an existing file or
/// folder; the greatest number if that is unknown, as for a database in memory.
[[nodiscard]] inline std::uintmax_t free_bytes(const std::filesystem::path& where) {
  std::error_code failed;
  const auto disk = std::filesystem::space(where, failed);
  return failed ? std::numeric_limits<std::uintmax_t>::max() : disk.available;
}

/// The same for a file that need not exist.
[[nodiscard]] inline std::uintmax_t free_bytes_beside(const std::string& file) {
  std::error_code failed;
  return free_bytes(std::filesystem::absolute(file, failed).parent_path());
}

} // namespace hubbub
