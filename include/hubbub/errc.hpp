#pragma once

#include <caf/error.hpp>
#include <hubbub/export.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace hubbub {

/// Everything that the library answers a failed call with: one category of `caf::error`, which
/// `broker::configure` registers, so that an actor system can render it.
enum class errc : std::uint8_t {
  bad_request = 1, ///< malformed, missing or out of range; the text names the field
  unauthorized,    ///< no valid token
  forbidden,       ///< not allowed to this user in this room
  not_found,       ///< no such room, message or subscription
  already_exists,  ///< the room's name is taken
  not_a_member,    ///< sending or typing in a room that was not joined
  limit_exceeded,  ///< a quota is used up
  too_large,       ///< content over its limit
  rate_limited,    ///< too many requests
  overloaded,      ///< a queue is full; try again. For a post: it may or may not be stored
  storage_full,    ///< the disk is full
  storage_error,   ///< the store failed
  late,            ///< no answer within the time limit; a post may or may not be stored
  unreachable,     ///< the other node does not answer any more
  stopping,        ///< the broker has stopped, or is about to
  bad_config,      ///< `broker_config::validate` found something; the text says what
  cannot_start,    ///< the store or a socket could not be opened; the text says what to do
  other_version,   ///< the other node runs another minor version; the text names both
};

/// Returns the word for a code, the same as in the HTTP API where it has one.
[[nodiscard]] HUBBUB_EXPORT std::string to_string(errc code);

/// Makes an error of this category; `text` is one sentence for people.
[[nodiscard]] HUBBUB_EXPORT caf::error make_error(errc code, std::string text);
[[nodiscard]] HUBBUB_EXPORT caf::error make_error(errc code);

/// Returns the code of an error of this category; nothing for any other error.
[[nodiscard]] HUBBUB_EXPORT std::optional<errc> code_of(const caf::error& why);
/// Returns the sentence of an error of this category; empty if it has none.
[[nodiscard]] HUBBUB_EXPORT std::string text_of(const caf::error& why);

} // namespace hubbub
