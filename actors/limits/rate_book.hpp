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

/// Whose rate it is: a user's or an address's.
using rate_key = std::string;
[[nodiscard]] rate_key rate_key_of(std::string_view user_id);
/// An IPv6 network counts as one address (`limit_key`).
[[nodiscard]] rate_key rate_key_of(const client_address& address);

/// An io thread asks the limiter for tokens.
struct token_request {
  rate_key key;
  bool is_address = false;
  rated what = rated::events;
  double owed = 0;   ///< spent already, on credit
  double wanted = 0; ///< at most
};
struct token_grant {
  double tokens = 0;                        ///< of those wanted
  std::chrono::milliseconds retry_after{0}; ///< without any, when to ask again
};

/// What one user or one address may still do on one io thread: tokens that the limiter has
/// leased to the thread in chunks, so that no event waits for it. A new account spends its
/// first chunk on credit; all in all a rate may be exceeded by a chunk a thread. Used by its io
/// thread alone.
class rate_account {
 public:
  using time_point = rate_bucket::time_point;
  using milliseconds = std::chrono::milliseconds;

  /// `limits` outlives the account.
  /// `first_part`: what part of the first chunk there is at once, at most 1.
  rate_account(rate_key key, bool is_address, const rate_table& limits, double first_part);

  /// Zero: taken. Else how long to wait; nothing was taken.
  [[nodiscard]] milliseconds take(rated what, double count, time_point now);
  /// How long to wait for so many; zero: they are there. Takes nothing.
  [[nodiscard]] milliseconds wait(rated what, double count, time_point now);
  /// What to ask the limiter for now, if there is need; not again before it was received, or
  /// got lost.
  [[nodiscard]] std::optional<token_request> due(rated what, time_point now);
  void receive(rated what, const token_grant& grant, time_point now);

  /// Nobody has used it for a while.
  [[nodiscard]] bool idle(time_point now) const;

  /// How much is leased at a time: an eighth of the burst.
  [[nodiscard]] static double chunk(const rate& limit);

 private:
  struct credit {
    double left = 0;
    double owed = 0;
    bool begun = false;
    bool lacking = false;  ///< something was refused since tokens were asked for
    bool promised = false; ///< at `ask_at` there is one: whoever waited for it gets it at once
    time_point ask_at{};   ///< not before
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

/// The accounts of one io thread, used by it alone. Those in use stay; a bounded number of
/// others is remembered for a while, so that coming back gives nobody a new first chunk.
class rate_book {
 public:
  using time_point = rate_bucket::time_point;

  explicit rate_book(const rate_settings& settings) : settings_(settings) {}

  /// Null where no rate of addresses, or users, is limited.
  [[nodiscard]] std::shared_ptr<rate_account> of_address(const client_address& address,
                                                         time_point now);
  [[nodiscard]] std::shared_ptr<rate_account> of_user(std::string_view user_id, time_point now);

  /// Counts a refusal; now and then, what was counted, for the limiter to add up.
  [[nodiscard]] std::optional<rate_refusals> note_refusal(rated what, time_point now);

  /// So many accounts that no session uses are a crowd: new ones begin with an eighth of the
  /// first chunk on credit. From twice as many on they begin with nothing and are forgotten at
  /// once: a flood of addresses gains nothing by it.
  static constexpr std::size_t crowded = 10'000;

 private:
  [[nodiscard]] std::shared_ptr<rate_account> find(rate_key key, bool is_address,
                                                   const rate_table& limits, time_point now);
  void sweep(time_point now);
  /// Accounts that may have been left behind: not by those who were there at the last sweep.
  [[nodiscard]] std::size_t strangers() const { return accounts_.size() - in_use_; }

  rate_settings settings_;
  std::unordered_map<rate_key, std::shared_ptr<rate_account>> accounts_;
  std::size_t in_use_ = 0; ///< by sessions, at the last sweep
  time_point sweep_after_{};
  rate_refusals refusals_;
  time_point report_at_{};
};

/// By io thread, each used on it alone.
using rate_books = std::vector<std::shared_ptr<rate_book>>;

} // namespace hubbub
