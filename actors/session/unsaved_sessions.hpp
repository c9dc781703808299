#pragma once

#include "persistence/store.hpp"
#include "proto/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

namespace hubbub {

/// What the store could not be told of recoverable sessions: their ends, and the gaps that they
/// are owed. It is told again, in rounds, until the store has it: without its end a session's
/// window never begins, and its record stays in the store for good; without its gaps a client
/// that loses the session before it joins its rooms again would never hear of them.
class unsaved_sessions {
 public:
  /// Something that the store is to be told.
  using note = std::variant<op::owe_gaps, op::end_recoverable>;

  /// Maximum number of ends that are remembered, and of gaps. When a node's lease ends, it
  /// closes all of its connections while the store is away; so many ends take some 5 MB, and so
  /// many gaps of as many sessions some 20 MB.
  static constexpr std::size_t max = 100'000;
  /// Maximum number of notes in one round, of which half may be gaps.
  static constexpr std::size_t at_once = 100;

  /// Remembers at most `most` ends, and as many gaps.
  explicit unsaved_sessions(std::size_t most = max) : most_(most) {}

  /// Remembers an end. If there are too many, the session is open for the store until the
  /// server starts again. One that should be forgotten is owed nothing any more.
  void add(const op::end_recoverable& end);
  /// Remembers what a session is owed, unless that is too much.
  void add(const op::owe_gaps& owed);
  /// Notes that a session lives again, so that nothing is left to tell of its end.
  void drop_end(recovery_id session) { ends_.erase(session); }
  /// Notes that the store was told of this.
  void on_stored(const op::end_recoverable& end);
  void on_stored(const op::owe_gaps& owed);

  /// True if the session must be forgotten, or may have to be: one that is open for the store
  /// if there were too many. The store has `ended_at` as its end.
  [[nodiscard]] bool forbid(recovery_id session, std::optional<timestamp> ended_at) const;
  /// Adds the gaps that the store does not know of, in rooms that `gaps` does not have.
  void add_owed(recovery_id session, std::vector<owed_gap>& gaps) const;
  [[nodiscard]] bool empty() const { return ends_.empty() && owed_.empty(); }
  /// Returns the number of sessions whose end is remembered.
  [[nodiscard]] std::size_t ends() const { return ends_.size(); }

  /// Begins a round, whose first step is a pause. False if nothing is left to tell, or a round
  /// is under way.
  [[nodiscard]] bool begin_round();
  /// Returns what the store is to be told in this round: gaps, and after them the ends of those
  /// sessions for which `may_end` is true. If there is nothing, the round is over.
  template <class Predicate>
  [[nodiscard]] std::vector<note> take_round(const Predicate& may_end) {
    std::vector<note> due;
    for (const auto& [session, owed] : owed_) {
      if (due.size() == at_once / 2) break;
      due.emplace_back(owed);
    }
    for (const auto& [session, forget] : ends_) {
      if (due.size() == at_once) break;
      if (may_end(session)) due.emplace_back(op::end_recoverable{session, forget});
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
  [[nodiscard]] next_step on_told(const note& told, bool stored);

 private:
  void forgive(recovery_id session);

  std::size_t most_;
  std::unordered_map<recovery_id, bool> ends_; ///< true for those that should be forgotten
  std::unordered_map<recovery_id, op::owe_gaps> owed_;
  std::size_t gaps_ = 0;      ///< in `owed_`
  bool has_lost_one_ = false; ///< one that should be forgotten, since there were too many
  bool in_round_ = false;
  bool has_failed_ = false;    ///< one of the round
  std::size_t unanswered_ = 0; ///< in the round
};

} // namespace hubbub
