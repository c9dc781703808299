#pragma once

#include "actors/interfaces.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// What is known of a client on its way in: who it says it is, what it will be recovered by,
/// and what it has been given back.
struct arrival {
  /// Returns the name that the client comes with; empty if it has not said one.
  [[nodiscard]] std::string_view user_id() const;
  /// Begins a session that the client may claim later.
  void begin_session();
  /// Goes on with an earlier session, which the client has claimed.
  void go_on(const recovered_session& earlier);
  /// Returns where a client that comes in stands in its rooms. What it has yet to hear of, a
  /// gap or `missed`, lies behind the place.
  [[nodiscard]] std::vector<room_position> places(const missed_rooms& missed) const;
  /// Returns the user that the client is from now on, who may have no name yet.
  [[nodiscard]] user_ptr named() const;

  std::string pid;
  recoverable_ptr session;
  std::string claimed; ///< the private id of the session that it wants back
  std::optional<recovered_session> recovered;
  std::optional<std::string> username; ///< in open mode
  access_ptr access = open_access();
};

/// Returns the user whose name an access proves.
[[nodiscard]] user_ptr user_of(const access_ptr& access, recoverable_ptr session);

} // namespace hubbub
