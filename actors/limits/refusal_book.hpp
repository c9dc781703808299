#pragma once

#include "proto/enum_count.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace hubbub {

/// The bound for which a request was refused. Who is too fast is counted by `rate_book`, a
/// connection that was not let in by its `refused_for`.
enum class refused_by : std::uint8_t {
  rooms,                ///< of the server
  rooms_per_socket,     ///< joins
  requests_per_socket,  ///< unanswered
  members_per_room,     ///< joins
  requests_per_room,    ///< that wait
  appends_per_room,     ///< messages, edits, markers, joins to be recovered
  searches,             ///< under way, of a room or an io thread
  writes_per_thread,    ///< messages, edits, markers
  claims,               ///< of earlier sessions
  api_calls_per_thread, ///< unanswered
};
/// The word of the metrics' label: where there is a setting, its name without `max_`.
[[nodiscard]] constexpr std::string_view to_string(refused_by why) {
  switch (why) {
  case refused_by::rooms: return "rooms";
  case refused_by::rooms_per_socket: return "rooms_per_socket";
  case refused_by::requests_per_socket: return "requests_per_socket";
  case refused_by::members_per_room: return "members_per_room";
  case refused_by::requests_per_room: return "requests_per_room";
  case refused_by::appends_per_room: return "appends_per_room";
  case refused_by::searches: return "searches";
  case refused_by::writes_per_thread: return "writes_per_thread";
  case refused_by::claims: return "claims";
  case refused_by::api_calls_per_thread: return "api_calls_per_thread";
  }
  return {};
}
inline constexpr auto refused_by_count = enum_count<refused_by>();

/// How often something was refused.
struct refusal_counts {
  std::array<std::uint64_t, refused_by_count> by_reason{}; ///< by `refused_by`
};

/// What was refused on one io thread by all who live there. Used by that thread alone; its
/// write gate tells the metrics page.
class refusal_book {
 public:
  void note(refused_by why) { ++counts_.by_reason[static_cast<std::size_t>(why)]; }
  [[nodiscard]] const refusal_counts& counts() const { return counts_; }

 private:
  refusal_counts counts_;
};
using refusal_book_ptr = std::shared_ptr<refusal_book>;
using refusal_books = std::vector<refusal_book_ptr>; ///< by io thread

/// That of a thread. Without books nobody counts.
inline void note_refusal(const refusal_books& books, std::size_t thread, refused_by why) {
  if (!books.empty()) books[thread % books.size()]->note(why);
}

} // namespace hubbub
