#pragma once

#include "persistence/bus/bus_address.hpp"
#include "proto/expected.hpp"

#include <chrono>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct redisContext;

namespace hubbub {

/// Blocks the signal that hiredis would otherwise cause by writing to a connection that the
/// other side has closed. Only this thread is concerned.
void block_broken_pipes();

/// One answer of a Redis, or one push: its texts, numbers as text; nested arrays do not occur.
struct redis_reply {
  bool is_error = false;
  std::vector<std::string> parts; ///< one, unless it is an array
};

/// A connection to a Redis through hiredis that never blocks: its owner polls the descriptor.
class redis_socket {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Connects, authenticates and selects the database. Finding the address of a host by its
  /// name may take longer than the deadline. The error is the reason in a few words.
  [[nodiscard]] static expected<redis_socket, std::string> open(const bus_address& address,
                                                                time_point until);
  /// Takes replies of up to so many bytes from now on. A longer one ends the connection.
  void take_up_to(std::size_t bytes) { longest_reply_ = bytes; }

  void append(std::initializer_list<std::string_view> words);
  void append(const std::vector<std::string_view>& words);
  /// Writes as much as fits. The error is the reason for which the connection is lost.
  [[nodiscard]] expected<void, std::string> write();
  /// Reads what has come, at most about a megabyte, into `replies`.
  [[nodiscard]] expected<void, std::string> read(std::vector<redis_reply>& replies);

  [[nodiscard]] int descriptor() const;
  /// Returns the events that the owner has to poll for.
  [[nodiscard]] short events() const;
  [[nodiscard]] std::size_t queued() const { return queued_; }

 private:
  struct closer {
    void operator()(redisContext* context) const noexcept;
  };
  explicit redis_socket(redisContext* context) : context_(context) {}
  [[nodiscard]] expected<void, std::string> finish_connecting(time_point until);
  [[nodiscard]] expected<void, std::string> log_in(const bus_address& address,
                                                   time_point until);
  [[nodiscard]] std::string why() const;

  std::unique_ptr<redisContext, closer> context_;
  std::size_t queued_ = 0; ///< bytes that are appended and not all written
  /// Maximum number of bytes of one reply. Those of a bus have at most a few thousand.
  std::size_t longest_reply_ = 1'000'000;
};

} // namespace hubbub
