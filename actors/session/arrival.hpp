#pragma once

#include "actors/interfaces.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// The state of a client that is connecting: who it says it is, by what it will be recovered,
/// and what was recovered for it.
struct arrival {
  /// Returns the client's name; empty if it has not given one.
  [[nodiscard]] std::string_view user_id() const;
  /// Begins a session that the client may reclaim later.
  void begin_session();
  /// Continues an earlier session, which the client has reclaimed.
  void go_on(const recovered_session& earlier);
  /// Returns the positions in its rooms of a client that enters. Everything that it has yet to
  /// receive, including a gap or `missed`, comes after its position.
  [[nodiscard]] std::vector<room_position> positions(const missed_rooms& missed) const;
  /// Returns the user that the client is from now on, who may have no name yet.
  [[nodiscard]] user_ptr named() const;

  std::string pid;
  std::string sid; ///< of a session that cannot be recovered; empty: nobody needs to know it
  recoverable_ptr session;
  std::string reclaimed; ///< the private id of the session that it wants to recover
  std::optional<recovered_session> recovered;
  std::optional<std::string> username; ///< the name in open mode
  access_ptr access = open_access();
  bool by_host = false; ///< the rights are from the program around the chat
};

/// Returns the user whose name an access proves.
[[nodiscard]] user_ptr user_of(const access_ptr& access, recoverable_ptr session);

} // namespace hubbub
