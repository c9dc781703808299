#include "proto/trace/trace_story.hpp"

#include "proto/access/connect_refusal.hpp"
#include "proto/access/standing.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/close_reason.hpp"
#include "proto/error.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"
#include "proto/trace/trace_request.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace hubbub {
namespace {

/// Returns a value of an enumeration, of which `last` is the last one, or nothing.
template <class Enum>
std::optional<Enum> value_of(std::uint8_t code, Enum last) {
  if (code > static_cast<std::uint8_t>(last)) return std::nullopt;
  return static_cast<Enum>(code);
}

/// True for the end of a process that left its place to another one, and that one's beginning.
bool is_change_over(const trace_record& step) {
  return step.code == static_cast<std::uint8_t>(trace_change::took_over);
}

/// Returns the word for a record's code; empty if it has none.
std::string_view code_word(const trace_record& step) {
  switch (step.kind) {
  case trace_kind::connected:
    if (step.code == static_cast<std::uint8_t>(trace_return::recovered)) return "recovered";
    if (step.code == static_cast<std::uint8_t>(trace_return::not_recovered))
      return "not_recovered";
    return "fresh";
  case trace_kind::ended:
    if (const auto why = value_of(step.code, close_reason::shutdown)) return to_string(*why);
    break;
  case trace_kind::refused:
    if (const auto why = value_of(step.code, error_code::storage_error))
      return *why == error_code::storage_full ? "storage_full" : wire_name(*why);
    break;
  case trace_kind::left:
    if (step.code == left_closed_room) return "closed";
    if (const auto why = value_of(step.code, leave_reason::kicked)) return to_string(*why);
    break;
  case trace_kind::standing:
  case trace_kind::lifted:
    if (const auto kind = value_of(step.code, standing_kind::mute)) return to_string(*kind);
    break;
  case trace_kind::configured:
    if (const auto change = value_of(step.code, trace_room_change::made_public))
      return to_string(*change);
    break;
  case trace_kind::overrun: return step.code == 1 ? "memory" : "queue";
  case trace_kind::kept_out:
    if (const auto why = value_of(step.code, connect_refusal::unknown_namespace))
      return to_string(*why);
    break;
  case trace_kind::started:
  case trace_kind::stopped:
    if (is_change_over(step)) return "took_over";
    break;
  case trace_kind::edited:
  case trace_kind::deleted:
  case trace_kind::message:
  case trace_kind::repeated:
  case trace_kind::joined:
  case trace_kind::returned:
  case trace_kind::gap:
  case trace_kind::turned_away:
  case trace_kind::kicked:
  case trace_kind::skipped: break;
  }
  return {};
}

/// Returns the time of the last one of the refusals that a record stands for.
std::int64_t last_time(const trace_record& step) {
  // A damaged file may say anything.
  const std::int64_t lasted = repeats_of(step).lasted_us;
  return std::min(step.time_us, std::numeric_limits<std::int64_t>::max() - lasted) + lasted;
}

/// Returns how often a refusal came again, for the end of a sentence.
std::string again(const trace_record& step) {
  const auto more = repeats_of(step).more;
  if (more == 0) return {};
  return ", and " + std::to_string(more) + (more == 1 ? " time" : " times") + " more until " +
         trace_time(last_time(step));
}

std::string to_text(trace_connection connection) {
  if (connection == trace_connection{}) return "HTTP";
  return std::to_string((connection.number >> 48U) - 1) + "-" +
         std::to_string(connection.number & 0xffff'ffff'ffffU);
}

/// Returns a name as it stands in a sentence: in quotes if it could be taken for words of ours,
/// or could mislead a terminal.
std::string quoted(const std::string& name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '.' || c == '@';
  };
  if (!name.empty() && std::ranges::all_of(name, is_plain)) return name;
  std::string out;
  json::writer{out}.string(name);
  return out;
}

std::string counted(std::uint64_t number, std::string_view thing) {
  return std::to_string(number) + " " + std::string{thing} + (number == 1 ? "" : "s");
}

/// True for what goes to the connections that are in a room, whose number it tells.
bool is_counted(trace_kind kind) {
  return kind == trace_kind::message || kind == trace_kind::edited ||
         kind == trace_kind::deleted;
}

/// True for what concerns everybody in a room.
bool is_for_members(trace_kind kind) {
  return is_counted(kind) || kind == trace_kind::gap || kind == trace_kind::configured;
}

/// Returns what somebody did to a user by a list: what stands before the user's name, and what
/// stands between that and the name of the room.
std::pair<std::string_view, std::string_view> words_of(const trace_record& step) {
  const bool is_put = step.kind == trace_kind::standing;
  const auto kind = value_of(step.code, standing_kind::mute);
  if (!kind) return {is_put ? "put" : "took", is_put ? "on a list of" : "off a list of"};
  switch (*kind) {
  case standing_kind::member:
    return {is_put ? "put" : "took", is_put ? "on the roster of" : "off the roster of"};
  case standing_kind::ban: return {is_put ? "banned" : "unbanned", is_put ? "from" : "in"};
  case standing_kind::mute: return {is_put ? "muted" : "unmuted", "in"};
  }
  return {};
}

/// Returns what somebody did to a room, with its name in the middle.
std::string change_of(const trace_record& step, const std::string& room) {
  const auto change = value_of(step.code, trace_room_change::made_public);
  if (!change) return "changed " + room;
  switch (*change) {
  case trace_room_change::closed: return "closed " + room;
  case trace_room_change::opened: return "opened " + room + " again";
  case trace_room_change::made_private: return "made " + room + " private";
  case trace_room_change::made_public: return "made " + room + " public";
  }
  return {};
}

/// Tells a story, step by step; knows who is in which room.
class teller {
 public:
  teller(const trace_memory& memory, const trace_question& question)
      : memory_(memory), question_(question), user_(trace_key(question.user)),
        room_(trace_key(question.room)) {}

  /// Follows a step, whether it is told or not.
  void follow(const trace_record& step) {
    if (step.kind == trace_kind::started) {
      rooms_.clear();
      seen_.clear();
    }
    if (user_ == 0 || step.user != user_) return;
    if (step.kind == trace_kind::joined) {
      rooms_[step.room].insert(step.connection.number);
      seen_.insert(step.room);
    } else if (step.kind == trace_kind::left) {
      rooms_[step.room].erase(step.connection.number);
      seen_.insert(step.room);
    } else if (step.kind == trace_kind::ended) {
      // No room tells of it if the server stops.
      for (auto& [room, connections] : rooms_)
        connections.erase(step.connection.number);
    }
  }

  [[nodiscard]] bool is_wanted(const trace_record& step) const {
    if (last_time(step) < question_.since_us) return false;
    if (step.kind == trace_kind::started || step.kind == trace_kind::stopped) return true;
    const bool is_user = user_ == 0 || step.user == user_ || caused(step) == user_;
    // What happened to a whole connection belongs to the story of each of its rooms.
    const bool is_whole = step.room == 0 || step.kind == trace_kind::overrun;
    const bool is_room = room_ == 0 || step.room == room_ || (is_whole && user_ != 0);
    if (is_user && is_room) return true;
    if (!is_for_members(step.kind)) return false;
    if (step.kind == trace_kind::gap && step.user != 0) return false;
    if (room_ != 0) return step.room == room_;
    return connections_in(step.room) > 0;
  }

  [[nodiscard]] std::string sentence(const trace_record& step) const;
  [[nodiscard]] std::string object(const trace_record& step) const;

 private:
  /// Returns who caused a step, besides the one that it happened to; 0: nobody.
  [[nodiscard]] static std::uint64_t caused(const trace_record& step) {
    switch (step.kind) {
    case trace_kind::standing:
    case trace_kind::lifted:
    case trace_kind::kicked:
    case trace_kind::configured: return step.number;
    default: return 0;
    }
  }
  [[nodiscard]] std::size_t connections_in(std::uint64_t room) const {
    const auto found = rooms_.find(room);
    return found == rooms_.end() ? 0 : found->second.size();
  }
  [[nodiscard]] std::string user_of(const trace_record& step) const {
    return quoted(memory_.name_of(step.user));
  }
  [[nodiscard]] std::string room_of(const trace_record& step) const {
    return quoted(memory_.name_of(step.room));
  }
  [[nodiscard]] std::string reach(const trace_record& message) const;
  [[nodiscard]] std::string what_happened(const trace_record& step) const;

  const trace_memory& memory_;
  const trace_question& question_;
  std::uint64_t user_;
  std::uint64_t room_;
  std::map<std::uint64_t, std::set<std::uint64_t>> rooms_; ///< the user's connections by room
  std::set<std::uint64_t> seen_; ///< rooms of which it is known whether the user is in them
};

/// Tells whether a message went to the user.
std::string teller::reach(const trace_record& message) const {
  if (user_ == 0 || message.user == user_) return {};
  const auto name = quoted(question_.user);
  if (const auto own = connections_in(message.room); own > 0)
    return ", " + std::to_string(own) + " of them " + name + "'s";
  if (seen_.contains(message.room)) return "; " + name + " was not in the room";
  return "; nothing is remembered of " + name + " in the room";
}

std::string teller::what_happened(const trace_record& step) const {
  const auto code = std::string{code_word(step)};
  const auto at = " (connection " + to_text(step.connection) + ")";
  const auto seq = std::to_string(step.seq);
  switch (step.kind) {
  case trace_kind::started:
    if (is_change_over(step))
      return "the server went on after an upgrade; sessions from before were closed and came "
             "back";
    return "the server started";
  case trace_kind::stopped:
    if (is_change_over(step)) return "the server left its place to a new process";
    return "the server stopped in order";
  case trace_kind::connected:
    return user_of(step) + " connected" +
           (code == "recovered"       ? ", and has the earlier session back"
            : code == "not_recovered" ? "; the earlier session could not be recovered"
                                      : "") +
           at;
  case trace_kind::ended: return user_of(step) + " was disconnected: " + code + at;
  case trace_kind::message:
    return "a message of " + user_of(step) + " was stored as " + room_of(step) + "/" + seq +
           " and went to " + counted(step.number, "connection") + reach(step);
  case trace_kind::edited:
    return user_of(step) + " edited " + room_of(step) + "/" + seq + ", and that went to " +
           counted(step.number, "connection") + reach(step);
  case trace_kind::deleted:
    return user_of(step) + " deleted " + room_of(step) + "/" + seq + ", and that went to " +
           counted(step.number, "connection") + reach(step);
  case trace_kind::kept_out:
    return (step.user == 0 ? "somebody" : user_of(step)) + " could not connect: " + code +
           (step.number == 0
                ? ""
                : "; the token names the key " + quoted(memory_.name_of(step.number))) +
           at + again(step);
  case trace_kind::repeated:
    return "a message of " + user_of(step) + " came again; it is " + room_of(step) + "/" + seq +
           " already, and was not sent again" + at;
  case trace_kind::refused:
    return user_of(step) + " was refused " + std::string{trace_request_at(step.what)} +
           (step.room != 0 ? " in " + room_of(step) : "") + ": " + code + at + again(step);
  case trace_kind::joined:
    // Unsigned, since a damaged file may hold the largest number, and no signed one follows it.
    return user_of(step) + " is in " + room_of(step) + " from message " +
           std::to_string(static_cast<std::uint64_t>(step.seq) + 1) + " on" + at;
  case trace_kind::left:
    if (step.code == left_closed_room)
      return user_of(step) + " is out of " + room_of(step) + ", since it was closed" + at;
    return user_of(step) + " left " + room_of(step) + ": " + code + at;
  case trace_kind::returned:
    return user_of(step) + " came back to " + room_of(step) + " and was given " +
           counted(step.number, "missed event") + at;
  case trace_kind::gap:
    return (step.user == 0 ? "everybody in " + room_of(step)
                           : user_of(step) + " in " + room_of(step)) +
           " was told of a gap: " + counted(step.number, "message") + " from " + seq + " on" +
           (step.user == 0 ? "" : at);
  case trace_kind::turned_away:
    return user_of(step) + " was not let back into " + room_of(step) + at;
  case trace_kind::standing:
  case trace_kind::lifted: {
    const auto [did, where] = words_of(step);
    return quoted(memory_.name_of(step.number)) + ' ' + std::string{did} + ' ' + user_of(step) +
           ' ' + std::string{where} + ' ' + room_of(step);
  }
  case trace_kind::kicked:
    return quoted(memory_.name_of(step.number)) + " kicked " + user_of(step) + " out of " +
           room_of(step);
  case trace_kind::configured:
    return quoted(memory_.name_of(step.number)) + ' ' + change_of(step, room_of(step));
  case trace_kind::skipped:
    return user_of(step) + " did not read: gaps took the place of " +
           counted(step.number, "queued message") + at;
  case trace_kind::overrun:
    return user_of(step) + " did not read: " + counted(step.number, "byte") +
           (code == "memory" ? " waited while memory was short"
                             : " waited, which is too much") +
           (step.room == 0 ? "" : "; the largest part is of " + room_of(step)) + at;
  }
  return {};
}

std::string teller::sentence(const trace_record& step) const {
  return trace_time(step.time_us) + "  " + what_happened(step);
}

std::string teller::object(const trace_record& step) const {
  std::string out;
  json::writer json{out};
  json.begin_object()
      .field("time", trace_time(step.time_us))
      .field("kind", to_string(step.kind));
  if (step.user != 0) json.field("user", memory_.name_of(step.user));
  if (step.room != 0) json.field("room", memory_.name_of(step.room));
  if (step.connection != trace_connection{}) json.field("connection", to_text(step.connection));
  if (step.seq != 0 && !is_refusal(step.kind)) json.field("seq", step.seq);
  if (const auto code = code_word(step); !code.empty()) json.field("code", code);
  if (step.kind == trace_kind::refused) json.field("request", trace_request_at(step.what));
  if (const auto more = repeats_of(step).more; more > 0)
    json.field("times", std::int64_t{more} + 1).field("until", trace_time(last_time(step)));
  if (const auto by = caused(step); by != 0)
    json.field("by", memory_.name_of(by));
  else if (step.kind == trace_kind::kept_out && step.number != 0)
    json.field("kid", memory_.name_of(step.number));
  else if (step.number != 0)
    json.field("number", static_cast<std::int64_t>(step.number));
  if (is_counted(step.kind) && user_ != 0 && seen_.contains(step.room))
    json.field("own_connections", static_cast<std::int64_t>(connections_in(step.room)));
  json.field("text", what_happened(step)).end_object();
  return out;
}

} // namespace

std::string trace_time(std::int64_t time_us) {
  // A damaged file may say anything; a time has four digits for the year.
  constexpr std::int64_t last = 253'402'300'799'999'999;
  time_us = std::clamp<std::int64_t>(time_us, 0, last);
  auto text = to_rfc3339(timestamp{time_us / 1'000});
  const auto rest = std::to_string(1'000 + time_us % 1'000).substr(1);
  return text.insert(text.size() - 1, rest);
}

std::size_t tell_trace(const trace_memory& memory, const trace_question& question,
                       const std::function<void(const std::string&)>& line) {
  teller story{memory, question};
  std::size_t told = 0;
  for (const auto& step : memory.records) {
    // A message is told by who was there before it; a step of the user's own counts at once.
    story.follow(step);
    if (!story.is_wanted(step)) continue;
    line(question.as_json ? story.object(step) : story.sentence(step));
    ++told;
  }
  return told;
}

} // namespace hubbub
