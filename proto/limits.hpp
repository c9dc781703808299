#pragma once

#include <cstddef>
#include <cstdint>

namespace hubbub {

/// Limits on what one client may ask of the chat. Characters are Unicode code points. Every
/// value is a setting; the defaults are the contract of docs/api.md.
struct chat_limits {
  std::size_t room_name = 64; ///< maximum number of characters of a room's name
  std::size_t username = 64;  ///< maximum number of characters of a username
  std::size_t content = 4000; ///< maximum number of characters of a message
  std::size_t client_id = 64; ///< maximum number of characters of a client_id
  /// Maximum number of rooms that one socket may be in at once.
  std::size_t rooms_per_socket = 100;
};

/// Fixed bounds of lists (docs/api.md). They are not settings, since clients page by them.
inline constexpr std::int64_t max_history = 200; ///< maximum number of messages in a join ack
/// Messages in a join ack whose client asks for no number.
inline constexpr std::int64_t default_history = 50;
/// Maximum number of messages that a `since` may bring.
inline constexpr std::int64_t max_since = 1000;
/// Maximum number of bytes of JSON that a `since` may bring, so that no answer fills a
/// connection's queue by itself.
inline constexpr std::size_t max_since_bytes = 2'000'000;
/// Maximum number of messages on one page of history.
inline constexpr std::int64_t max_page = 200;
inline constexpr std::int64_t default_page = 50;
inline constexpr std::int64_t max_member_page = 1000; ///< maximum number of members on one page
inline constexpr std::int64_t default_member_page = 200;
/// Maximum number of members in a join ack, beside the user who joins.
inline constexpr std::size_t max_join_members = 200;
inline constexpr std::int64_t max_room_page = 500; ///< maximum number of rooms on one page
inline constexpr std::int64_t default_room_page = 100;

/// Maximum number of members, bans and mutes that one room may hold in total: a room keeps them
/// in memory as long as it is awake.
inline constexpr std::size_t max_standings = 10'000;
/// Maximum number of members, bans or mutes on one page.
inline constexpr std::int64_t max_standing_page = 1000;
inline constexpr std::int64_t default_standing_page = 200;
/// Maximum number of characters of the reason for a standing.
inline constexpr std::size_t max_reason = 200;

/// Maximum number of results on one page of a search.
inline constexpr std::int64_t max_search_page = 100;
inline constexpr std::int64_t default_search_page = 20;
inline constexpr std::int64_t max_search_offset = 1000;

/// Maximum number of characters of the `q` by which messages are searched.
inline constexpr std::size_t max_search = 200;
/// Maximum number of characters of the `q` by which rooms are searched.
inline constexpr std::size_t max_query = 64;

/// How deep JSON from a client may nest; deeper JSON is a violation of the protocol. The chat's
/// own events nest three deep. Reading and writing recurse, so each level costs stack.
inline constexpr std::size_t max_json_depth = 64;

} // namespace hubbub
