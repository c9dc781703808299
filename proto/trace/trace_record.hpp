#pragma once

#include "proto/enum_count.hpp"
#include "proto/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace hubbub {

/// What a record of the flight recorder tells. The numbers are those of the file: new kinds go
/// to the end.
enum class trace_kind : std::uint8_t {
  started,   ///< the server began to record; `code`: a `trace_change`
  stopped,   ///< the server ended in order; `code`: a `trace_change`
  connected, ///< a client has a name on a connection; `code`: a `trace_return`
  ended,     ///< a client left a connection; `code`: a `close_reason`
  message,   ///< a message was stored; `seq`; `number`: the connections that it went to
  repeated,  ///< a message had been stored before, by its client_id; `seq`
  refused,   ///< a request was refused; `code`: an `error_code`; `what`: a place in
             ///< `trace_requests`
  joined,    ///< a connection is in a room; `seq`: the last message that it has by that
  left,      ///< a connection is not in a room any more; `code`: a `leave_reason`, or
             ///< `left_closed_room`
  returned,  ///< a recovered session is in a room again; `number`: messages it was given
  gap,       ///< a session was told that it misses the messages from `seq` on, `number` of them
  turned_away, ///< a recovered session may not be in a room any more
  standing,    ///< a user was put on a list; `code`: a `standing_kind`; `by`
  lifted,      ///< a user was taken off a list; `code`: a `standing_kind`; `by`
  kicked,      ///< a user was put out of a room; `by`
  skipped,     ///< queued messages were replaced by gaps; `number` of them
  overrun, ///< too much waited for a connection; `number`: bytes; `code`: 1 if memory is short;
           ///< the room whose messages hold most of them
  edited,  ///< a message was edited; `seq`; `number`: the connections that this went to
  deleted, ///< a message was deleted; `seq`; `number`: the connections that this went to
  kept_out,   ///< a CONNECT was refused; `code`: a `connect_refusal`; the user, if proven;
              ///< `number`: a `trace_key` of the unknown key's id, if the token names one
  configured, ///< a room was changed for everybody; `code`: a `trace_room_change`; `by`
};

/// Returns the kind's word, which programs find in JSON.
[[nodiscard]] constexpr std::string_view to_string(trace_kind kind) {
  switch (kind) {
  case trace_kind::started: return "started";
  case trace_kind::stopped: return "stopped";
  case trace_kind::connected: return "connected";
  case trace_kind::ended: return "ended";
  case trace_kind::message: return "message";
  case trace_kind::repeated: return "repeated";
  case trace_kind::refused: return "refused";
  case trace_kind::joined: return "joined";
  case trace_kind::left: return "left";
  case trace_kind::returned: return "returned";
  case trace_kind::gap: return "gap";
  case trace_kind::turned_away: return "turned_away";
  case trace_kind::standing: return "standing";
  case trace_kind::lifted: return "lifted";
  case trace_kind::kicked: return "kicked";
  case trace_kind::skipped: return "skipped";
  case trace_kind::overrun: return "overrun";
  case trace_kind::edited: return "edited";
  case trace_kind::deleted: return "deleted";
  case trace_kind::kept_out: return "kept_out";
  case trace_kind::configured: return "configured";
  }
  return {};
}

/// Whether a server began or ended by itself, or left its place to another process.
enum class trace_change : std::uint8_t { alone, took_over };

/// What somebody did to a whole room.
enum class trace_room_change : std::uint8_t { closed, opened, made_private, made_public };

/// Returns the change's word, which programs find in JSON.
[[nodiscard]] constexpr std::string_view to_string(trace_room_change change) {
  switch (change) {
  case trace_room_change::closed: return "closed";
  case trace_room_change::opened: return "opened";
  case trace_room_change::made_private: return "private";
  case trace_room_change::made_public: return "public";
  }
  return {};
}

/// The code of a step `left` of a connection whose room was closed, beside every
/// `leave_reason`.
inline constexpr std::uint8_t left_closed_room = 255;

/// How a client came to its session.
enum class trace_return : std::uint8_t { fresh, recovered, not_recovered };

/// A connection as the log names it: the number of its io thread and one of the session, which
/// are 0 for a request over HTTP.
struct trace_connection {
  std::uint64_t number = 0;

  static trace_connection of(session_id session) {
    return {(std::uint64_t{session.thread} + 1) << 48U | (session.serial & 0xffff'ffff'ffffU)};
  }
  friend bool operator==(const trace_connection&, const trace_connection&) = default;
};

/// One step of a story.
struct trace_record {
  trace_kind kind = trace_kind::started;
  std::uint8_t code = 0;
  std::uint16_t what = 0;
  std::int64_t time_us = 0; ///< microseconds since 1970
  std::uint64_t user = 0;   ///< `trace_key` of the user's id; 0: none
  std::uint64_t room = 0;   ///< `trace_key` of the room's name; 0: none
  std::int64_t seq = 0;
  std::uint64_t number = 0; ///< what it counts depends on the kind; or `by`, a `trace_key`
  trace_connection connection = {};
};

/// Returns the key by which records name a user or a room; 0 for an empty name.
[[nodiscard]] constexpr std::uint64_t trace_key(std::string_view name) {
  if (name.empty()) return 0;
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325U; // FNV-1a
  for (const char c : name)
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3U;
  return hash == 0 ? 1 : hash;
}

/// True for what may come again and again: a record of it stands for equal ones that follow.
[[nodiscard]] constexpr bool is_refusal(trace_kind kind) {
  return kind == trace_kind::refused || kind == trace_kind::kept_out;
}
/// True if one record tells both refusals. Clients that are kept out come on a new connection
/// each time.
[[nodiscard]] constexpr bool is_same_refusal(const trace_record& a, const trace_record& b) {
  return a.kind == b.kind && a.code == b.code && a.what == b.what && a.user == b.user &&
         a.room == b.room && a.number == b.number &&
         (a.kind == trace_kind::kept_out || a.connection == b.connection);
}

/// The refusals that a record stands for besides the first one.
struct trace_repeats {
  std::uint32_t more = 0;      ///< how many
  std::uint32_t lasted_us = 0; ///< microseconds from the first to the last one
};
/// Longest time from the first to the last refusal of a record.
inline constexpr std::int64_t longest_trace_run_us = 60'000'000;

/// Returns what a record of a refusal says of equal ones. It lies in the place of `seq`.
[[nodiscard]] constexpr trace_repeats repeats_of(const trace_record& step) {
  if (!is_refusal(step.kind)) return {};
  const auto bits = static_cast<std::uint64_t>(step.seq);
  return {static_cast<std::uint32_t>(bits >> 32U & 0x7fff'ffffU),
          static_cast<std::uint32_t>(bits & 0xffff'ffffU)};
}
/// Returns the `seq` of a record of a refusal with one more equal one at `time_us`, which is no
/// earlier, and later by no more than `longest_trace_run_us`.
[[nodiscard]] constexpr std::int64_t with_repeat(const trace_record& refusal,
                                                 std::int64_t time_us) {
  constexpr std::uint32_t most = 0x7fff'ffffU;
  const auto before = repeats_of(refusal).more;
  const std::uint64_t more = before < most ? before + 1 : most;
  return static_cast<std::int64_t>(more << 32U |
                                   static_cast<std::uint64_t>(time_us - refusal.time_us));
}

inline constexpr std::size_t trace_record_size = 64;

/// Writes a record with its number in the ring.
void encode_trace(const trace_record& record, std::uint64_t ordinal,
                  std::span<char, trace_record_size> to);

struct numbered_trace_record {
  trace_record record;
  std::uint64_t ordinal = 0;
};
/// Reads a record; nothing if it is none, or is only half written.
[[nodiscard]] std::optional<numbered_trace_record>
decode_trace(std::span<const char, trace_record_size> from);

} // namespace hubbub
