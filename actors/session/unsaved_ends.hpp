#pragma once

#include "persistence/store.hpp"
#include "proto/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// The ends of recoverable sessions that the store could not be told. They are told again, in
/// rounds, until the store has them: without its end a session's window never begins, and its
/// record stays in the store for good.
class unsaved_ends {
 public:
  /// Maximum number of ends that are remembered. When a node's lease ends, it closes all of its
  /// connections while the store is away; so many take some 5 MB.
  static constexpr std::size_t max = 100'000;
  /// Maximum number of ends in one round.
  static constexpr std::size_t at_once = 100;

  /// Remembers at most `most` ends.
  explicit unsaved_ends(std::size_t most = max) : most_(most) {}

  /// Remembers an end. If there are too many, the session is open for the store until the
  /// server starts again.
  void add(const op::end_recoverable& end);
  /// Notes that a session lives again, so that nothing is left to tell of it.
  void drop(recovery_id session) { ends_.erase(session); }
  /// Notes that the store was told of an end.
  void on_stored(const op::end_recoverable& end);

  /// True if the session must be forgotten, or may have to be: one that is open for the store
  /// if there were too many. The store has `ended_at` as its end.
  [[nodiscard]] bool forbid(recovery_id session, std::optional<timestamp> ended_at) const;
  [[nodiscard]] bool empty() const { return ends_.empty(); }
  [[nodiscard]] std::size_t size() const { return ends_.size(); }

  /// Begins a round, whose first step is a pause. False if nothing is left to tell, or a round
  /// is under way.
  [[nodiscard]] bool begin_round();
  /// Returns the ends that the store is to be told in this round, of those sessions for which
  /// `may_tell` is true. If there is none, the round is over.
  template <class Predicate>
  [[nodiscard]] std::vector<op::end_recoverable> take_round(const Predicate& may_tell) {
    std::vector<op::end_recoverable> due;
    for (const auto& [session, forget] : ends_) {
      if (due.size() == at_once) break;
      if (may_tell(session)) due.push_back({session, forget});
    }
    unanswered_ = due.size();
    has_failed_ = due.empty();
    in_round_ = !due.empty();
    return due;
  }
  /// What follows an answer of the store.
  enum class next_step : std::uint8_t {
    wait,     ///< for the other answers of the round
    go_on,    ///< the round is over, and the store works: the next one needs no pause
    begin_new ///< the round is over; the next one begins with a pause, if anything is left
  };
  /// Notes the answer to one of a round.
  [[nodiscard]] next_step on_told(const op::end_recoverable& end, bool stored);

 private:
  std::size_t most_;
  std::unordered_map<recovery_id, bool> ends_; ///< true for those that should be forgotten
  bool has_lost_one_ = false; ///< one that should be forgotten, since there were too many
  bool in_round_ = false;
  bool has_failed_ = false;    ///< one of the round
  std::size_t unanswered_ = 0; ///< in the round
};

} // namespace hubbub
