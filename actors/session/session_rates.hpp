#pragma once

#include "actors/interfaces.hpp"
#include "actors/limits/rate_accounts.hpp"
#include "actors/session/session.hpp"
#include "proto/chat/chat_command.hpp"
#include "proto/error.hpp"

#include <chrono>
#include <cstddef>
#include <forward_list>
#include <memory>
#include <optional>
#include <string_view>

namespace hubbub {

/// Limits how fast one socket may go on: by its own buckets, and by those of its user and of
/// its address. Part of its session, on whose thread it runs.
class session_rates {
 public:
  /// Makes the rates of a session; all arguments outlive it. `accounts` are those of its
  /// thread; without it there are no rates by user and address.
  session_rates(session& self, rate_accounts* accounts, const limiter_actor& limiter,
                const rate_settings& settings);

  /// Counts a CONNECT of this many bytes for this socket and its address. Returns the error if
  /// it comes too early.
  [[nodiscard]] std::optional<error> connect(std::size_t bytes);
  /// Counts a CONNECT for this user; `user_id` is empty if the client has named none. Returns
  /// the error if it comes too early.
  [[nodiscard]] std::optional<error> connect_as(std::string_view user_id, std::size_t bytes);
  /// Counts an event of this many bytes. Returns the error if it comes too early; above
  /// `rate_settings::flood` times its rates the connection is closed.
  [[nodiscard]] std::optional<error> event(const chat_command& command, std::size_t bytes,
                                           std::string_view user_id);
  /// Counts an event that is not one of the chat's, or an ack.
  [[nodiscard]] std::optional<error> event(std::size_t bytes, std::string_view user_id);
  /// Counts a room that is about to be created. Returns the error if it comes too early.
  [[nodiscard]] std::optional<error> create(std::string_view user_id);

 private:
  [[nodiscard]] std::optional<error> take(rated what, double count);
  [[nodiscard]] std::optional<error> take_own(rated what, double count);
  [[nodiscard]] std::optional<error> take_shared(rated what, double count);
  [[nodiscard]] std::optional<error>
  take_connect_of(const std::shared_ptr<rate_account>& account, std::size_t bytes);
  [[nodiscard]] std::optional<error>
  take_leased_of(const std::shared_ptr<rate_account>& account, rated what, double count);
  void know(std::string_view user_id);
  [[nodiscard]] error refuse(rated what, std::chrono::milliseconds wait);

  /// What the socket has used of its own rates for one kind of things.
  struct own_use {
    rated what;
    rate_bucket bucket;
    rate_bucket flood;
  };
  [[nodiscard]] own_use& use_of(rated what);

  session* self_;
  rate_accounts* accounts_;
  const limiter_actor* limiter_;
  const rate_settings* settings_;
  rate_bucket::time_point now_{};
  /// Only those that are in use: a full bucket is as good as none.
  std::forward_list<own_use> own_;
  std::shared_ptr<rate_account> address_;
  std::shared_ptr<rate_account> user_;
};

/// Returns the error for a client that is too fast; `retry_after` is included.
[[nodiscard]] error too_fast(rated what, std::chrono::milliseconds retry_after);

} // namespace hubbub
