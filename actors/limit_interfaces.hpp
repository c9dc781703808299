#pragma once

#include "actors/limits/rate_book.hpp"
#include "actors/runtime/caf_compat.hpp"

#include <cstdint>
#include <string>

/// The actors that count and limit over all io threads, and what is said to them.
namespace hubbub {

// Rates.

struct ask_limiter_stats {};
struct limiter_stats {
  std::uint64_t buckets = 0; ///< users and addresses known now, by what is counted
  rate_refusals refusals;    ///< of all clients, as the io threads have told of them
};

/// Keeps the rates of users and addresses over all io threads (rate_book.hpp). An event does
/// not wait for it.
using limiter_actor = compat::typed_actor<
    /// From sessions and the HTTP API, a chunk at a time. Not idempotent.
    caf::result<token_grant>(token_request),
    /// From them too, at most once a second and thread where clients are refused.
    caf::result<void>(rate_refusals),
    /// From the metrics page.
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
    caf::result<connection_counts>(ask_connection_counts)>;

} // namespace hubbub
