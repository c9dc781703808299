#pragma once

#include "proto/error.hpp"
#include "proto/expected.hpp"
#include "proto/json/json.hpp"
#include "proto/limits.hpp"
#include "proto/model.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub {

/// The whole numbers that a field may hold, both ends included.
struct number_range {
  std::int64_t lowest = 0;
  std::int64_t highest = std::numeric_limits<std::int64_t>::max();
};

/// Parses a whole number without a sign: `605`, `605.0`, `1e3`. Returns nothing if it does not
/// fit.
[[nodiscard]] std::optional<std::int64_t> parse_unsigned(std::string_view text);

/// Reads the fields of one request one after the other and remembers the first error, which
/// `finish` then returns instead of the result. After an error a read returns some value of its
/// type, which must not be used.
class field_reader {
 public:
  /// Records an error, unless there was one before.
  void refuse(error_code code, std::string message);

  /// Returns `value` if there was no error, else the first error.
  template <class T>
  [[nodiscard]] expected<T, error> finish(T value) {
    if (failed_) return unexpected(std::move(*failed_));
    return value;
  }

 protected:
  /// Returns the value of `value`; if it holds an error, records that.
  template <class T>
  [[nodiscard]] T take(expected<T, error> value) {
    if (value) return std::move(*value);
    refuse(value.error().code, std::move(value.error().message));
    return T{};
  }
  /// Returns `number` if it has a value and lies in `range`; else records an error.
  [[nodiscard]] std::int64_t in_range(std::string_view field,
                                      std::optional<std::int64_t> number, number_range range);
  /// Returns `time` if it has a value; else records an error.
  [[nodiscard]] timestamp time_of(std::string_view field, std::optional<timestamp> time);
  /// Returns `text` if it is valid UTF-8; else records an error.
  [[nodiscard]] std::string utf8(std::string_view field, std::string_view text);

 private:
  std::optional<error> failed_;
};

/// Reads the fields of a JSON object that a client sent, over the socket or over HTTP. A field
/// that is `null` is absent.
class object_reader : public field_reader {
 public:
  object_reader(json::value object, const chat_limits& limits)
      : object_(object), limits_(&limits) {}

  /// Reads the room, as `parse_room` in proto/chat/chat_command.hpp does.
  [[nodiscard]] room_ref room(bool bare);
  /// Reads `username`, as `parse_username` in proto/chat/chat_command.hpp does.
  [[nodiscard]] std::optional<std::string> username();
  /// Reads the `username` that is shown for a user whom a `user_id` names; hidden characters
  /// are left out of it.
  [[nodiscard]] std::optional<std::string> shown_username();
  /// Reads a new room's `name`; required.
  [[nodiscard]] std::string room_name();
  /// Reads `content`, else `message`, else `text`; required.
  [[nodiscard]] std::string content();
  [[nodiscard]] std::optional<std::string> client_id();
  /// Returns `id` if it can be a client_id; `field` is the word that the error uses.
  [[nodiscard]] std::optional<std::string> checked_client_id(std::string_view field,
                                                             std::string_view id);
  /// Reads a `user_id`, which is never altered; required.
  [[nodiscard]] std::string user_id(std::string_view field);
  [[nodiscard]] std::optional<std::string> optional_user_id(std::string_view field);
  /// Reads `reason`, at most `max_reason` characters; empty if there is none.
  [[nodiscard]] std::string reason();
  [[nodiscard]] std::optional<bool> optional_boolean(std::string_view field);
  /// Reads a required `true` or `false`.
  [[nodiscard]] bool boolean(std::string_view field);
  [[nodiscard]] std::int64_t number(std::string_view field, number_range range,
                                    std::int64_t otherwise);
  [[nodiscard]] std::optional<sequence> seq(std::string_view field);
  [[nodiscard]] sequence required_seq(std::string_view field, std::int64_t lowest);
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view field);
  /// Reads a time: RFC 3339 in a string, or a number of milliseconds since 1970.
  [[nodiscard]] std::optional<timestamp> time(std::string_view field);

 private:
  [[nodiscard]] json::value find(std::string_view field) const;
  /// Returns the text of a value that must be a string; else records an error.
  [[nodiscard]] std::string_view text(std::string_view field, json::value from);
  [[nodiscard]] room_ref room_number(std::string_view field,
                                     std::optional<std::int64_t> number);
  [[nodiscard]] room_ref room_named(json::value from);

  json::value object_;
  const chat_limits* limits_;
};

} // namespace hubbub
