#pragma once

#include "proto/bridge/bridge_refusal.hpp"
#include "proto/json/json.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub {

/// Writes values of another notation as JSON, as Socket.IO's own clients would see them. Each
/// method is false if the value has no JSON.
class json_pen {
 public:
  json_pen() = default;
  json_pen(const json_pen&) = delete;
  json_pen& operator=(const json_pen&) = delete;

  [[nodiscard]] bool string(std::string_view text);
  /// Writes the name of a member, whose value follows.
  [[nodiscard]] bool key(std::string_view name);
  /// Writes a number; one that is none, or infinite, becomes null.
  void real(double number);
  void natural(std::uint64_t number);
  /// Writes a point in time, as a JavaScript `Date` becomes text.
  [[nodiscard]] bool time(std::int64_t seconds, std::int64_t nanoseconds);
  /// Writes what needs no care.
  [[nodiscard]] json::writer& plain() { return out_; }

  [[nodiscard]] bool is_full() const { return text_.size() > max_bridge_json; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
  json::writer out_{text_};
};

} // namespace hubbub
