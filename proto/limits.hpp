#pragma once

#include <cstddef>
#include <cstdint>

namespace hubbub {

/// What one client may ask of the chat. Characters are Unicode code points. Every value is a
/// setting; the defaults are the contract of docs/api.md.
struct chat_limits {
  std::size_t room_name = 64;         ///< characters of a room's name
  std::size_t username = 64;          ///< characters of a username
  std::size_t content = 4000;         ///< characters of a message
  std::size_t client_id = 64;         ///< characters of a client_id
  std::size_t rooms_per_socket = 100; ///< rooms one socket may be in at once
};

/// Fixed bounds of lists (docs/api.md): not settings, since clients page by them.
inline constexpr std::int64_t max_history = 200;    ///< messages in a join ack
inline constexpr std::int64_t default_history = 50; ///< … when the client names no number
inline constexpr std::int64_t max_since = 1000;     ///< messages a `since` may bring
/// Bytes of JSON a `since` may bring, so that no answer fills a connection's queue by itself.
inline constexpr std::size_t max_since_bytes = 2'000'000;
inline constexpr std::int64_t max_page = 200; ///< messages of one page of history
inline constexpr std::int64_t default_page = 50;
inline constexpr std::int64_t max_member_page = 1000; ///< members of one page
inline constexpr std::int64_t default_member_page = 200;
inline constexpr std::size_t max_join_members = 200; ///< members in a join ack
inline constexpr std::int64_t max_room_page = 500;   ///< rooms of one page
inline constexpr std::int64_t default_room_page = 100;

/// Members, bans and mutes one room may hold on its lists, all told: a room keeps them in
/// memory as long as it is awake.
inline constexpr std::size_t max_standings = 10'000;
/// Of one page of them.
inline constexpr std::int64_t max_standing_page = 1000;
inline constexpr std::int64_t default_standing_page = 200;
/// Characters of the reason for one.
inline constexpr std::size_t max_reason = 200;

inline constexpr std::int64_t max_search_page = 100; ///< results of one page of a search
inline constexpr std::int64_t default_search_page = 20;
inline constexpr std::int64_t max_search_offset = 1000;

/// Characters of the `q` by which messages are searched.
inline constexpr std::size_t max_search = 200;
/// Characters of the `q` by which rooms are searched.
inline constexpr std::size_t max_query = 64;

/// How deep JSON from a client may nest: deeper is a violation of the protocol. The chat's own
/// events nest three deep; reading and writing recurse, so that each level costs stack.
inline constexpr std::size_t max_json_depth = 64;

} // namespace hubbub
