#pragma once

#include "actors/limits/rate_accounts.hpp"
#include "actors/presence_interfaces.hpp"
#include "actors/runtime/caf_compat.hpp"

#include <cstdint>
#include <string>

/// The actors that count and limit over all io threads, and the messages to them.
namespace hubbub {

// Rates.

struct ask_limiter_stats {};
struct limiter_stats {
  std::uint64_t buckets = 0; ///< users and addresses that are counted now, by the kind of rate
  rate_refusals refusals;    ///< refusals of all clients, as the io threads have reported them
};

/// Keeps the rates of users and addresses over all io threads (rate_accounts.hpp). Events do
/// not wait for it.
using limiter_actor = compat::typed_actor<
    /// Sent by sessions and the HTTP API, for a chunk at a time. Not idempotent.
    caf::result<token_grant>(token_request),
    /// Sent by sessions and the HTTP API while clients are refused, at most once a second for
    /// each thread.
    caf::result<void>(rate_refusals),
    /// Sent by the presence actor of a node of several: the limiter is a `presence_listener`,
    /// of all rooms.
    caf::result<void>(members_elsewhere),
    /// Sent by the metrics page.
    caf::result<limiter_stats>(ask_limiter_stats)>;

// Connections by user.

/// A connection's client has a name from now on.
struct user_arrived {
  std::string user_id;
};
struct user_gone {
  std::string user_id;
};
struct ask_connection_counts {};
struct connection_counts {
  std::uint64_t users = 0;   ///< users who have a connection now
  std::uint64_t refused = 0; ///< connections beyond the limit
};

/// Knows how many connections each user has. Pinned to the first io thread.
using connection_counter_actor = compat::typed_actor<
    /// Sent by chats, once for each connection. False: it is beyond the limit and must end. It
    /// counts until `user_gone` in either case.
    caf::result<bool>(user_arrived),
    /// Sent by chats, once after each `user_arrived`.
    caf::result<void>(user_gone),
    /// Sent by the metrics page.
    caf::result<connection_counts>(ask_connection_counts)>;

} // namespace hubbub
