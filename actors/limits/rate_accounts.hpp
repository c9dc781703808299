#pragma once

#include "actors/limits/rate_settings.hpp"
#include "proto/access/client_address.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// Names the holder of a rate: a user or an address.
using rate_key = std::string;
[[nodiscard]] rate_key rate_key_of(std::string_view user_id);
/// Returns the key of an address; an IPv6 network counts as one address (`limit_key`).
[[nodiscard]] rate_key rate_key_of(const client_address& address);

/// An io thread's request to the limiter for tokens.
struct token_request {
  rate_key key;
  bool is_address = false;
  rated what = rated::events;
  double owed = 0;   ///< tokens that were spent already, on credit
  double wanted = 0; ///< maximum number of that are wanted
};
struct token_grant {
  double tokens = 0;                        ///< granted of those wanted
  std::chrono::milliseconds retry_after{0}; ///< if there are none, when to ask again
};

/// What one user or one address may still do on one io thread: tokens that the limiter has
/// leased to the thread in chunks, so that no event waits for it. A new account spends its
/// first chunk on credit. In total a rate may be exceeded by one chunk for each thread. Used by
/// its io thread only.
class rate_account {
 public:
  using time_point = rate_bucket::time_point;
  using milliseconds = std::chrono::milliseconds;

  /// Makes an account. `limits` outlives it. `first_part` is the fraction of the first chunk
  /// that is available at once, at most 1.
  rate_account(rate_key key, bool is_address, const rate_table& limits, double first_part);

  /// Takes tokens and returns zero, or takes nothing and returns how long to wait.
  [[nodiscard]] milliseconds take(rated what, double count, time_point now);
  /// Returns how long to wait for this many tokens; zero if they are available. Takes nothing.
  [[nodiscard]] milliseconds wait(rated what, double count, time_point now);
  /// Returns what to ask the limiter for now, if there is need; nothing until the previous
  /// request was answered, or got lost.
  [[nodiscard]] std::optional<token_request> due(rated what, time_point now);
  void receive(rated what, const token_grant& grant, time_point now);

  /// True if it is the account of this user.
  [[nodiscard]] bool is_of_user(std::string_view user_id) const;
  /// True if nobody has used the account for a while.
  [[nodiscard]] bool idle(time_point now) const;

  /// Returns how much is leased at a time: an eighth of the burst.
  [[nodiscard]] static double chunk(const rate& limit);

 private:
  struct credit {
    double left = 0;
    double owed = 0;
    bool begun = false;
    bool lacking = false; ///< something was refused since tokens were requested
    /// At `ask_at` there is a token, which goes to a client that waits for it.
    bool promised = false;
    time_point ask_at{}; ///< do not ask before
  };

  rate_key key_;
  bool is_address_;
  double first_part_;
  const rate_table* limits_;
  std::array<credit, rated_kinds> credits_{};
  time_point used_at_{};
};

/// How often clients of one io thread were refused, by `rated`.
struct rate_refusals {
  std::array<std::uint64_t, rated_kinds> counts{};
};

/// The accounts of one io thread, used by it only. Accounts in use stay; a bounded number of
/// others is remembered for a while, so that reconnecting does not earn a new first chunk.
class rate_accounts {
 public:
  using time_point = rate_bucket::time_point;

  explicit rate_accounts(const rate_settings& settings) : settings_(settings) {}

  /// Returns the account; null if no rate of addresses (or of users) is limited.
  [[nodiscard]] std::shared_ptr<rate_account> of_address(const client_address& address,
                                                         time_point now);
  [[nodiscard]] std::shared_ptr<rate_account> of_user(std::string_view user_id, time_point now);

  /// Counts a refusal; from time to time returns the counts, which the limiter adds up.
  [[nodiscard]] std::optional<rate_refusals> note_refusal(rated what, time_point now);

  /// Number of accounts without a session from which on new ones begin with only an eighth of
  /// the first chunk on credit. From twice as many on they begin with nothing and are forgotten
  /// at once, so that a flood of addresses gains nothing.
  static constexpr std::size_t crowded = 10'000;

 private:
  [[nodiscard]] std::shared_ptr<rate_account> find(rate_key key, bool is_address,
                                                   const rate_table& limits, time_point now);
  void sweep(time_point now);
  /// Returns how many accounts may have been left behind: all but those in use at the last
  /// sweep.
  [[nodiscard]] std::size_t strangers() const { return accounts_.size() - in_use_; }

  rate_settings settings_;
  std::unordered_map<rate_key, std::shared_ptr<rate_account>> accounts_;
  std::size_t in_use_ = 0; ///< accounts used by sessions, at the last sweep
  time_point sweep_after_{};
  rate_refusals refusals_;
  time_point report_at_{};
};

/// The accounts by io thread; each is used on its thread only.
using rate_accounts_by_thread = std::vector<std::shared_ptr<rate_accounts>>;

} // namespace hubbub
