#pragma once

#include "proto/message_span.hpp"

#include <span>
#include <string>
#include <string_view>

namespace hubbub {

/// Assigns a policy to rooms by their name.
struct slow_reader_rule {
  std::string room_pattern = "*"; ///< a pattern as `matches_pattern` reads it
  slow_reader_policy policy = slow_reader_policy::drop_volatile;
  bool operator==(const slow_reader_rule&) const = default;
};

/// Returns the policy of the first rule that matches the name; `drop_volatile` if none does.
[[nodiscard]] slow_reader_policy policy_for(std::string_view room,
                                            std::span<const slow_reader_rule> rules);

} // namespace hubbub
