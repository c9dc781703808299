#pragma once

#include "proto/message_span.hpp"

#include <span>
#include <string>
#include <string_view>

namespace hubbub {

/// The policy of rooms by name.
struct slow_reader_rule {
  std::string room_pattern = "*"; ///< as `matches_pattern` reads it
  slow_reader_policy policy = slow_reader_policy::drop_volatile;
  bool operator==(const slow_reader_rule&) const = default;
};

/// Of the first rule that fits the name; `drop_volatile` where none does.
[[nodiscard]] slow_reader_policy policy_for(std::string_view room,
                                            std::span<const slow_reader_rule> rules);

} // namespace hubbub
