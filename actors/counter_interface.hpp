#pragma once

#include "actors/caf_compat.hpp"

#include <cstdint>
#include <string>

/// Connections by user: who counts them, and what it is told.
namespace hubbub {

/// A connection's client has a name from now on.
struct user_arrived {
  std::string user_id;
};
struct user_gone {
  std::string user_id;
};
struct connection_counts {
  std::uint64_t users = 0;   ///< with a connection now
  std::uint64_t refused = 0; ///< connections that were one too many
};

/// Knows how many connections each user has. Pinned to the first io thread.
using connection_counter_actor = compat::typed_actor<
    /// From chats, once a connection. False: it is one too many and is to end. It counts until
    /// `user_gone` in any case.
    caf::result<bool>(user_arrived),
    /// From chats, once for each that arrived, behind it.
    caf::result<void>(user_gone),
    /// From the metrics page.
    caf::result<connection_counts>(caf::get_atom)>;

} // namespace hubbub
