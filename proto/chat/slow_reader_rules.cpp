#include "proto/chat/slow_reader_rules.hpp"

#include "proto/access/name_pattern.hpp"

#include <algorithm>

namespace hubbub {

slow_reader_policy policy_for(std::string_view room, std::span<const slow_reader_rule> rules) {
  const auto fits = [room](const slow_reader_rule& rule) {
    return matches_pattern(rule.room_pattern, room);
  };
  const auto found = std::ranges::find_if(rules, fits);
  return found == rules.end() ? slow_reader_policy::drop_volatile : found->policy;
}

} // namespace hubbub
