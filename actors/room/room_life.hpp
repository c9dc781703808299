#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace hubbub {

/// Decides when a room retires. A room that nothing keeps awake lingers for a while; then it
/// asks the directory, which agrees unless it has given out a lease that the room does not know
/// of.
class room_life {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Notes that the directory has given out one more lease.
  void lease() {
    ++leases_;
    ++leases_ever_;
    end_.reset();
  }
  /// Notes that a lease has ended.
  void release() { --leases_; }
  /// Counts work that is in none of the room's queues, until `end_work`.
  void begin_work() { ++works_; }
  void end_work() { --works_; }

  /// True if neither a lease nor work keeps the room awake.
  [[nodiscard]] bool is_free() const { return leases_ == 0 && works_ == 0; }
  /// Returns how many leases the room was told of so far.
  [[nodiscard]] std::uint64_t leases_ever() const { return leases_ever_; }

  /// Makes an idle room linger until `end`. Returns false if it does so already or has asked.
  [[nodiscard]] bool linger(time_point end) {
    if (asking_ || end_) return false;
    end_ = end;
    return true;
  }
  /// Returns when the room has lingered for long enough; nothing if it does not linger.
  [[nodiscard]] std::optional<time_point> end() const { return end_; }
  /// True, once, if the room has lingered for long enough.
  [[nodiscard]] bool is_over(time_point now) {
    if (!end_ || now < *end_) return false;
    end_.reset();
    return true;
  }
  /// Begins to ask the directory. Returns false if it has been asked and has not answered.
  [[nodiscard]] bool ask() {
    if (asking_) return false;
    asking_ = true;
    return true;
  }
  /// Notes that the directory has answered.
  void answered() { asking_ = false; }

 private:
  std::int64_t leases_ = 0; ///< held now
  std::uint64_t leases_ever_ = 0;
  std::size_t works_ = 0;
  std::optional<time_point> end_;
  bool asking_ = false;
};

} // namespace hubbub
