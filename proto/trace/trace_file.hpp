#pragma once

#include "proto/expected.hpp"
#include "proto/trace/trace_record.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// The sizes of the flight recorder's file.
inline constexpr std::size_t trace_head_size = 4'096;
inline constexpr std::size_t trace_name_size = 64;
inline constexpr std::size_t smallest_trace_ring = 65'536;
inline constexpr std::size_t largest_trace_ring = 1'073'741'824;
inline constexpr std::size_t most_trace_rings = 1'024;

/// Returns how many names and records a ring of so many bytes has place for.
[[nodiscard]] constexpr std::size_t trace_names_in(std::size_t bytes) {
  return bytes / 8 / trace_name_size;
}
[[nodiscard]] constexpr std::size_t trace_records_in(std::size_t bytes) {
  return (bytes - trace_names_in(bytes) * trace_name_size) / trace_record_size;
}

/// Returns how many records further a ring may be when a refusal is still told by the record of
/// an equal one. What such a record tells is forgotten with it, so of a full ring this many of
/// the oldest records do not count as all that happened in their time.
[[nodiscard]] constexpr std::size_t trace_run_reach(std::size_t records) {
  return records / 64;
}

/// The head of the file. `began_us` is when it was made.
struct trace_head {
  std::uint32_t rings = 0;
  std::uint64_t ring_bytes = 0;
  std::int64_t began_us = 0;

  [[nodiscard]] std::size_t file_size() const {
    return trace_head_size + rings * static_cast<std::size_t>(ring_bytes);
  }
};
/// Returns the head's bytes, up to the first ring.
[[nodiscard]] std::string encode_trace_head(const trace_head& head);
/// Reads a head. The error follows the file's name in a sentence.
[[nodiscard]] expected<trace_head, std::string> decode_trace_head(std::string_view file);

/// Writes a name, or as much of it as there is place for, into a place of the table of names.
void write_trace_name(std::uint64_t key, std::string_view name, char* place);

/// What a file of the flight recorder remembers.
struct trace_memory {
  std::vector<trace_record> records; ///< the oldest first
  std::unordered_map<std::uint64_t, std::string> names;
  std::int64_t whole_since_us = 0; ///< everything since then is remembered

  /// Returns a name, or a word with its key if it has been forgotten.
  [[nodiscard]] std::string name_of(std::uint64_t key) const;
};
/// Reads a file, of a running server or a dead one. What is damaged in it is left out. The
/// error follows the file's name in a sentence.
[[nodiscard]] expected<trace_memory, std::string> read_trace(std::string_view file);

} // namespace hubbub
