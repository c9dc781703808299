#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hubbub {

/// Maximum number of bytes of a message that a bridge takes.
inline constexpr std::size_t max_bridge_message = 1'000'000;
/// Maximum number of bytes of the JSON that becomes of one.
inline constexpr std::size_t max_bridge_json = 1'000'000;
/// Maximum number of rooms and sockets that one event may name, and also that it may leave out.
inline constexpr std::size_t max_bridge_targets = 1'000;

/// Why a message of a bridge is not passed on.
enum class bridge_refusal : std::uint8_t {
  malformed,  ///< not what a publisher writes, or with values that have no JSON
  too_large,  ///< or too many rooms, or too many values in a pickle
  binary,     ///< an argument holds bytes
  name,       ///< the event has a name of the chat's own, or of the libraries'
  other_kind, ///< a message of another kind, such as to close a room
  namespaces, ///< of another namespace than the chat's
  not_stored, ///< an event that is to be stored and cannot be
};

[[nodiscard]] constexpr std::string_view to_string(bridge_refusal why) {
  switch (why) {
  case bridge_refusal::malformed: return "malformed";
  case bridge_refusal::too_large: return "too_large";
  case bridge_refusal::binary: return "binary";
  case bridge_refusal::name: return "name";
  case bridge_refusal::other_kind: return "other_kind";
  case bridge_refusal::namespaces: return "namespace";
  case bridge_refusal::not_stored: return "not_stored";
  }
  return {};
}

} // namespace hubbub
