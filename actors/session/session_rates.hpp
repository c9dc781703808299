#pragma once

#include "actors/interfaces.hpp"
#include "actors/limits/rate_book.hpp"
#include "actors/session/session.hpp"
#include "proto/chat/chat_command.hpp"
#include "proto/error.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// How fast one socket may go on: by its own buckets, by those of its user and of its address.
/// Part of its session, on whose thread it runs.
class session_rates {
 public:
  /// All outlive the session. `book` is the one of its thread; without it there are no rates by
  /// user and address.
  session_rates(session& self, connection& out, rate_book* book, const limiter_actor& limiter,
                const rate_settings& settings);

  /// A CONNECT of so many bytes, on this socket and from its address. The error, if it comes
  /// too early.
  [[nodiscard]] std::optional<error> connect(std::size_t bytes);
  /// … as this user; empty where nobody has said.
  [[nodiscard]] std::optional<error> connect_as(std::string_view user_id, std::size_t bytes);
  /// An event of so many bytes. Past `rate_settings::flood` times its rates the connection is
  /// closed.
  [[nodiscard]] std::optional<error> event(const chat_command& command, std::size_t bytes,
                                           std::string_view user_id);
  /// An event that is none of the chat's, or an ack.
  [[nodiscard]] std::optional<error> event(std::size_t bytes, std::string_view user_id);
  /// A room is about to be created. The error, if that comes too early.
  [[nodiscard]] std::optional<error> create(std::string_view user_id);

 private:
  [[nodiscard]] std::optional<error> take(rated what, double count);
  [[nodiscard]] std::optional<error> take_own(rated what, double count);
  [[nodiscard]] std::optional<error> take_shared(rated what, double count);
  [[nodiscard]] std::optional<error>
  take_connect_of(const std::shared_ptr<rate_account>& account, std::size_t bytes);
  [[nodiscard]] std::optional<error>
  take_leased_of(const std::shared_ptr<rate_account>& account, rated what, double count);
  [[nodiscard]] bool floods(rated what, double count);
  void know(std::string_view user_id);
  [[nodiscard]] error refuse(rated what, std::chrono::milliseconds wait);

  session* self_;
  connection* out_;
  rate_book* book_;
  const limiter_actor* limiter_;
  const rate_settings* settings_;
  rate_bucket::time_point now_{};
  std::array<rate_bucket, rated_kinds> own_{};
  std::array<rate_bucket, rated_kinds> flood_{};
  std::shared_ptr<rate_account> address_;
  std::shared_ptr<rate_account> user_;
  std::string user_id_; ///< whose account that is
};

/// What a client hears that is too fast; `retry_after` goes with it.
[[nodiscard]] error too_fast(rated what, std::chrono::milliseconds retry_after);

} // namespace hubbub
