#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace hubbub {

/// A number that is only compared with its own kind. Conversions in both directions are
/// explicit.
template <class Tag>
struct strong_number {
  std::int64_t value = 0;

  constexpr strong_number() = default;
  constexpr explicit strong_number(std::int64_t number) : value(number) {}
  friend constexpr auto operator<=>(strong_number, strong_number) = default;
};

/// A room's number: 1, 2, 3 … in order of creation. 0 is no room.
using room_id = strong_number<struct room_id_tag>;
/// A message's number, unique on the whole server. It grows and may have gaps.
using message_id = strong_number<struct message_id_tag>;
/// A message's position in its room: 1, 2, 3 … without gaps. 0 is "before the first".
using sequence = strong_number<struct sequence_tag>;
/// A room's count of logged changes (messages, and later edits and deletions), which is a
/// position in the room's log.
using revision = strong_number<struct revision_tag>;
/// A recoverable session in the store: the first 64 bits of the hash of its private id.
using recovery_id = strong_number<struct recovery_id_tag>;
/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
using timestamp = strong_number<struct timestamp_tag>;

/// One client's session inside this process. `thread` is the index of the io thread that owns
/// its socket; `serial` is unique over the life of the process. A client that leaves the
/// namespace and comes back over the same connection is another session, with the next `life`.
struct session_id {
  std::uint32_t thread = 0;
  std::uint64_t serial = 0;
  std::uint32_t life = 0;
  friend constexpr auto operator<=>(const session_id&, const session_id&) = default;
};

} // namespace hubbub

template <class Tag>
struct std::hash<hubbub::strong_number<Tag>> {
  std::size_t operator()(hubbub::strong_number<Tag> id) const noexcept {
    return std::hash<std::int64_t>{}(id.value);
  }
};

template <>
struct std::hash<hubbub::session_id> {
  std::size_t operator()(const hubbub::session_id& id) const noexcept {
    return std::hash<std::uint64_t>{}(id.serial * 31U + id.thread);
  }
};
