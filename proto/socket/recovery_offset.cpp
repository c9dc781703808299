#include "proto/socket/recovery_offset.hpp"

#include <algorithm>
#include <cstdint>

namespace hubbub {

namespace {

/// Longest pid that is read; ours have 22 characters.
constexpr std::size_t max_pid = 64;
/// Maximum number of characters that an offset takes for each room a session may be in. A room
/// is three numbers of at most nine bytes each, in base64: 36 characters. Twice as many rooms
/// may be in an offset, because it also names the rooms whose `gap` the client has yet to hear.
constexpr std::size_t max_room = 2 * 36;
/// Characters that an offset may always have; one of 100 rooms has about 2,000.
constexpr std::size_t max_short_offset = 8'192;

/// Appends a number as little-endian groups of seven bits; the last one has no high bit.
void append_varint(std::string& out, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7U)
    out += static_cast<char>(0x80U | (number & 0x7fU));
  out += static_cast<char>(number);
}

/// Removes a number from the front. Returns nothing unless it is complete, in its shortest
/// form, and fits.
std::optional<std::int64_t> take_varint(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 63; shift += 7) {
    if (bytes.empty()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    number |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte >= 0x80) continue;
    if (byte == 0 && shift > 0) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  return std::nullopt;
}

std::optional<std::string> short_text(json::value field, std::size_t most) {
  const auto text = field.string();
  if (!text || text->size() > most) return std::nullopt;
  return std::string{*text};
}

} // namespace

recovery_request parse_recovery(json::value auth, std::size_t max_rooms) {
  recovery_request request;
  const auto recover = auth.find("recover");
  request.wanted = recover.boolean() == true || recover.integer() == 1;
  request.pid = short_text(auth.find("pid"), max_pid);
  request.offset =
      short_text(auth.find("offset"), std::max(max_short_offset, max_rooms * max_room));
  return request;
}

void advance(room_position& position, const room_position& to) {
  position.seq = std::max(position.seq, to.seq);
  position.rev = std::max(position.rev, to.rev);
}

void normalize(std::vector<room_position>& positions) {
  std::ranges::stable_sort(positions, {}, &room_position::room);
  std::size_t last = 0;
  for (std::size_t i = 1; i < positions.size(); ++i) {
    if (positions[i].room == positions[last].room)
      advance(positions[last], positions[i]);
    else
      positions[++last] = positions[i];
  }
  if (!positions.empty()) positions.resize(last + 1);
}

std::string encode_positions(const std::vector<room_position>& positions) {
  std::string bytes;
  for (const auto& [room, seq, rev] : positions) {
    append_varint(bytes, static_cast<std::uint64_t>(room.value));
    append_varint(bytes, static_cast<std::uint64_t>(seq.value));
    append_varint(bytes, static_cast<std::uint64_t>(rev.value));
  }
  return bytes;
}

std::vector<room_position> decode_positions(std::string_view bytes) {
  std::vector<room_position> positions;
  while (!bytes.empty()) {
    const auto room = take_varint(bytes);
    const auto seq = room ? take_varint(bytes) : std::nullopt;
    const auto rev = seq ? take_varint(bytes) : std::nullopt;
    if (!rev) break;
    positions.push_back({room_id{*room}, sequence{*seq}, revision{*rev}});
  }
  normalize(positions);
  return positions;
}

} // namespace hubbub
