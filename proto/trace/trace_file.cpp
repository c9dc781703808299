#include "proto/trace/trace_file.hpp"

#include "proto/json/text.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace hubbub {
namespace {

constexpr std::string_view magic = "hubbubtr";
constexpr std::uint32_t format_version = 1;

/// The head as it lies in the file.
struct stored_head {
  std::array<char, 8> magic{};
  std::uint32_t version = 0;
  std::uint32_t rings = 0;
  std::uint64_t ring_bytes = 0;
  std::int64_t began_us = 0;
};

/// A name as it lies in the file.
struct stored_name {
  std::uint64_t key = 0;
  std::uint8_t length = 0; ///< of the whole name, which may be cut off here
  std::array<char, trace_name_size - 9> text{};
};
static_assert(sizeof(stored_name) == trace_name_size);

/// Returns the longest part of `text` that does not end within a character.
std::string_view whole_characters(std::string_view text) {
  while (!text.empty() && !valid_utf8(text))
    text.remove_suffix(1);
  return text;
}

void read_name(const char* place, trace_memory& memory) {
  stored_name found;
  std::memcpy(&found, place, sizeof found);
  if (found.key == 0 || found.length == 0) return;
  const std::string_view text{found.text.data(),
                              std::min<std::size_t>(found.length, found.text.size())};
  if (has_control(whole_characters(text))) return; // damaged: no name has any
  if (found.length <= found.text.size()) {
    if (valid_utf8(text) && trace_key(text) == found.key) memory.names[found.key] = text;
  } else if (const auto part = whole_characters(text); !part.empty()) {
    memory.names[found.key] = std::string{part} + "…";
  }
}

/// Reads one ring. Returns since when it remembers everything.
std::int64_t read_ring(std::string_view ring, std::int64_t began_us, trace_memory& memory) {
  const auto names = trace_names_in(ring.size());
  const auto records = trace_records_in(ring.size());
  for (std::size_t i = 0; i < names; ++i)
    read_name(ring.data() + i * trace_name_size, memory);
  const auto* const first = ring.data() + names * trace_name_size;
  std::vector<numbered_trace_record> found_here;
  for (std::size_t i = 0; i < records; ++i) {
    const auto found = decode_trace(std::span<const char, trace_record_size>{
        first + i * trace_record_size, trace_record_size});
    if (!found || found->ordinal % records != i) continue;
    found_here.push_back(*found);
  }
  // Steps of the same microsecond have their order from the ring alone.
  std::ranges::sort(found_here, {}, &numbered_trace_record::ordinal);
  const auto last = found_here.empty() ? 0 : found_here.back().ordinal;
  auto oldest = std::numeric_limits<std::int64_t>::max();
  for (const auto& [record, ordinal] : found_here) {
    memory.records.push_back(record);
    if (last - ordinal + trace_run_reach(records) <= records)
      oldest = std::min(oldest, record.time_us);
  }
  // A ring that was never full has forgotten nothing.
  return last < records ? began_us : oldest;
}

} // namespace

std::string encode_trace_head(const trace_head& head) {
  stored_head out{{}, format_version, head.rings, head.ring_bytes, head.began_us};
  std::ranges::copy(magic, out.magic.begin());
  std::string bytes(trace_head_size, '\0');
  std::memcpy(bytes.data(), &out, sizeof out);
  return bytes;
}

expected<trace_head, std::string> decode_trace_head(std::string_view file) {
  stored_head in;
  if (file.size() < trace_head_size)
    return unexpected<std::string>("is no file of the flight recorder");
  std::memcpy(&in, file.data(), sizeof in);
  if (std::string_view{in.magic.data(), in.magic.size()} != magic)
    return unexpected<std::string>("is no file of the flight recorder");
  if (in.version != format_version)
    return unexpected("is of format " + std::to_string(in.version) +
                      ", which this version of hubbub does not read");
  if (in.rings == 0 || in.rings > most_trace_rings || in.ring_bytes < smallest_trace_ring ||
      in.ring_bytes > largest_trace_ring || in.ring_bytes % trace_head_size != 0)
    return unexpected<std::string>("is damaged");
  return trace_head{in.rings, in.ring_bytes, in.began_us};
}

void write_trace_name(std::uint64_t key, std::string_view name, char* place) {
  stored_name out;
  out.key = key;
  out.length = static_cast<std::uint8_t>(std::min<std::size_t>(name.size(), 255));
  std::memcpy(out.text.data(), name.data(), std::min(name.size(), out.text.size()));
  std::memcpy(place, &out, sizeof out);
}

std::string trace_memory::name_of(std::uint64_t key) const {
  if (key == 0) return "somebody without a name";
  if (const auto found = names.find(key); found != names.end()) return found->second;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "name #";
  for (int shift = 60; shift >= 0; shift -= 4)
    text += digits[key >> static_cast<unsigned>(shift) & 15U];
  return text;
}

expected<trace_memory, std::string> read_trace(std::string_view file) {
  const auto head = decode_trace_head(file);
  if (!head) return unexpected(head.error());
  trace_memory memory;
  memory.whole_since_us = head->began_us;
  const auto size = static_cast<std::size_t>(head->ring_bytes);
  for (std::size_t i = 0; i < head->rings; ++i) {
    const auto at = trace_head_size + i * size;
    if (file.size() < at + size) break; // cut off
    const auto since = read_ring(file.substr(at, size), head->began_us, memory);
    memory.whole_since_us = std::max(memory.whole_since_us, since);
  }
  std::ranges::stable_sort(memory.records, {}, &trace_record::time_us);
  return memory;
}

} // namespace hubbub
