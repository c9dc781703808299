#pragma once

#include "actors/interfaces.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// The requests that wait for a room which is not awake, while the store is asked for it. Their
/// number is bounded, and requests for one room share one lookup in the store.
class room_lookups {
 public:
  struct waiting {
    caf::typed_response_promise<resolve_outcome> promise;
    bool create = false;
    std::optional<std::string> owner = std::nullopt; ///< of the created
  };

  explicit room_lookups(std::size_t max) : max_(max) {}

  /// True if no more requests are taken; counts the refusal.
  [[nodiscard]] bool refuse();
  /// Adds a request. Returns true if it is the first for the room, so that the store has to be
  /// asked.
  [[nodiscard]] bool add(const room_ref& room, waiting question);
  /// Says that what the store is answering about a room may be out of date.
  void note_change(const room_ref& room);
  /// Returns true if the room changed since it was asked for, so that the store has to be asked
  /// once more.
  [[nodiscard]] bool take_change(const room_ref& room);
  /// True if one of the waiting requests wants the room to be created.
  [[nodiscard]] bool wants_creation(const room_ref& room) const;
  /// Returns the owner of a room that is created: the user whose request came first.
  [[nodiscard]] std::optional<std::string> owner(const room_ref& room) const;
  /// Removes and returns the requests that do not want the room to be created.
  [[nodiscard]] std::vector<waiting> take_mere_lookers(const room_ref& room);
  /// Removes and returns all requests for the room.
  [[nodiscard]] std::vector<waiting> take(const room_ref& room);

  /// Returns how many requests were refused because too many waited.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  void clear() { lookups_.clear(); }

 private:
  struct lookup {
    std::vector<waiting> questions;
    bool has_changed = false; ///< the room, since the store was asked
  };

  std::size_t max_;
  std::size_t waiting_ = 0; ///< for all rooms together
  std::uint64_t refused_ = 0;
  std::map<room_ref, lookup> lookups_;
};

} // namespace hubbub
