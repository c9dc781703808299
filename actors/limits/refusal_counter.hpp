#pragma once

#include "actors/metrics/activity.hpp"
#include "actors/metrics/chat_measures.hpp"
#include "actors/runtime/pinned.hpp"
#include "actors/trace/flight_recorder.hpp"
#include "proto/enum_count.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace hubbub {

/// The bound because of which a request was refused. Clients that are too fast are counted by
/// `rate_accounts`, refused connections by their `refused_for`.
enum class refused_by : std::uint8_t {
  rooms,                ///< rooms of the server
  rooms_per_socket,     ///< joins beyond a socket's number of rooms
  requests_per_socket,  ///< unanswered requests of one socket
  members_per_room,     ///< joins beyond a room's number of members
  requests_per_room,    ///< requests that wait in one room
  appends_per_room,     ///< messages, edits, markers and joins that wait to be stored
  searches,             ///< searches under way, in one room or on one io thread
  writes_per_thread,    ///< messages, edits and markers of one io thread
  claims,               ///< claims for earlier sessions
  api_calls_per_thread, ///< unanswered HTTP requests of one io thread
};
/// Returns the bound's word in the metrics' label: the name of its setting without `max_`, if
/// there is one.
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

/// How often requests were refused.
struct refusal_counts {
  std::array<std::uint64_t, refused_by_count> by_reason{}; ///< counts by `refused_by`
};

/// Counts the refusals by everything on one io thread. Used by that thread only; its write gate
/// reports them to the metrics page.
class refusal_counter {
 public:
  void note(refused_by why) { ++counts_.by_reason[static_cast<std::size_t>(why)]; }
  [[nodiscard]] const refusal_counts& counts() const { return counts_; }
  [[nodiscard]] chat_measures& measures() { return measures_; }
  /// Sets the recorder of the thread, which outlives this.
  void record_in(flight_recorder& recorder) { recorder_ = &recorder; }
  /// Sets what runs the actors of the thread, which outlives this.
  void runs_on(const io_unit& unit) { unit_ = &unit; }
  [[nodiscard]] const io_unit* unit() const { return unit_; }
  /// Records a step of a user's story, with the room that it is about, if there is one.
  void note_step(const trace_record& step, std::string_view user, std::string_view room = {}) {
    if (recorder_ != nullptr) recorder_->note(step, user, room);
  }
  /// Records a step that somebody else caused.
  void note_step_by(const trace_record& step, std::string_view user, std::string_view room,
                    std::string_view by) {
    if (recorder_ != nullptr) recorder_->note_by(step, user, room, by);
  }
  /// Records that a client was kept out; see `flight_recorder`.
  void note_kept_out_step(const trace_record& step, std::string_view user,
                          std::string_view key_id) {
    if (recorder_ != nullptr) recorder_->note_kept_out(step, user, key_id);
  }
  /// Counts a CONNECT that was refused.
  void note_kept_out(connect_refusal why) {
    ++measures_.connects_refused[static_cast<std::size_t>(why)];
  }
  /// Counts an error that a client was sent over Socket.IO.
  void note_error(error_code code) {
    ++measures_.socket_errors[static_cast<std::size_t>(code)];
  }
  [[nodiscard]] activity_counter& activity() { return activity_; }
  /// Counts a message that was stored, if somebody wants to know who is busy. The time is that
  /// of the writer's answer.
  void note_message(std::uint64_t room, std::string_view room_name, std::string_view user_id) {
    if (activity_.is_on()) activity_.note(room, room_name, user_id, measures_.answered_at);
  }

 private:
  refusal_counts counts_;
  chat_measures measures_;
  flight_recorder* recorder_ = nullptr; ///< none in tests
  const io_unit* unit_ = nullptr;       ///< none in tests
  activity_counter activity_;
};
using refusal_counter_ptr = std::shared_ptr<refusal_counter>;
using refusal_counters = std::vector<refusal_counter_ptr>; ///< one for each io thread

/// Counts a refusal in the counter of `thread`; does nothing without counters (in tests).
inline void note_refusal(const refusal_counters& counters, std::size_t thread, refused_by why) {
  if (!counters.empty()) counters[thread % counters.size()]->note(why);
}
/// Counts an error that a client was sent over Socket.IO, in the counter of `thread`.
inline void note_error(const refusal_counters& counters, std::size_t thread, error_code code) {
  if (!counters.empty()) counters[thread % counters.size()]->note_error(code);
}
/// Counts a CONNECT that was refused, in the counter of `thread`.
inline void note_kept_out(const refusal_counters& counters, std::size_t thread,
                          connect_refusal why) {
  if (!counters.empty()) counters[thread % counters.size()]->note_kept_out(why);
}

/// Records a step in the recorder of `thread`; does nothing without counters (in tests).
inline void note_step(const refusal_counters& counters, std::size_t thread,
                      const trace_record& step, std::string_view user,
                      std::string_view room = {}) {
  if (!counters.empty()) counters[thread % counters.size()]->note_step(step, user, room);
}
/// Records that a client was kept out, with the id of a key that is unknown here, if its token
/// names one.
inline void note_kept_out_step(const refusal_counters& counters, std::size_t thread,
                               const trace_record& step, std::string_view user,
                               std::string_view key_id) {
  if (!counters.empty())
    counters[thread % counters.size()]->note_kept_out_step(step, user, key_id);
}

} // namespace hubbub
