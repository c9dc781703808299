#pragma once

#include "actors/interfaces.hpp"

#include <cstddef>
#include <list>
#include <optional>
#include <unordered_map>
#include <variant>

namespace hubbub {

/// Keeps the requests of each session in the order in which they were sent. A request after an
/// unanswered write or read of the same session waits here, unless it is a write after writes:
/// those may be under way together, since the store keeps their order.
class session_lanes {
 public:
  /// The items of a session that may have to wait.
  using item = std::variant<room_request, room_departure, room_renewal>;

  /// True if something that the session sends now has to wait.
  [[nodiscard]] bool must_wait(session_id session, bool is_write) const;
  /// Makes a request wait after everything that the session sent before.
  void wait(room_request request);
  /// Makes the session's end wait, or a renewal of its token. Consecutive renewals collapse
  /// into the latest one, and so do departures.
  void wait(const room_departure& notice) { wait_with(notice); }
  void wait(const room_renewal& notice) { wait_with(notice); }

  /// True if the session's end waits here, after what the session sent before.
  [[nodiscard]] bool is_leaving(session_id session) const;

  /// Counts a write of the session as under way, until `end_write`.
  void begin_write(session_id session) { ++lanes_[session].writes; }
  void end_write(session_id session) { --lanes_[session].writes; }
  /// Makes everything that the session sends wait, until `release`. Calls nest.
  void hold(session_id session) { ++lanes_[session].holds; }
  void release(session_id session) { --lanes_[session].holds; }

  /// Removes and returns the session's next item that may run now; nothing if there is none.
  /// Call it repeatedly until then after a write has ended or a hold was released: it forgets a
  /// lane that is done.
  [[nodiscard]] std::optional<item> next(session_id session);

  /// Returns how many requests of all sessions wait. Notices do not count.
  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  /// True if nothing waits and nothing is under way.
  [[nodiscard]] bool empty() const { return lanes_.empty(); }
  void clear();

 private:
  struct lane {
    std::size_t writes = 0; ///< writes under way
    /// Reads under way, and other answers that everything else waits for.
    std::size_t holds = 0;
    std::list<item> waiting; ///< a std::list, since an empty one allocates nothing
  };
  template <class Notice>
  void wait_with(const Notice& notice) {
    auto& waiting = lanes_[notice.from].waiting;
    if (!waiting.empty() && std::holds_alternative<Notice>(waiting.back())) waiting.pop_back();
    waiting.emplace_back(notice);
  }

  std::unordered_map<session_id, lane> lanes_;
  std::size_t waiting_ = 0;
};

} // namespace hubbub
