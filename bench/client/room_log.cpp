#include "bench/client/room_log.hpp"

#include <algorithm>
#include <limits>

namespace hubbub::bench {
namespace {

constexpr auto nowhere = std::numeric_limits<std::uint32_t>::max();

/// Counts everything before `until` that the member has not seen as missing; false if that is
/// nothing.
bool miss(room_log::reader& member, std::uint32_t until) {
  const bool skips = member.next < until;
  for (; member.next < until; ++member.next)
    member.missing.push_back(member.next);
  return skips;
}

} // namespace

room_log::verdict room_log::see_elsewhere(reader& member, message_key key) {
  if (key.sender >= positions_.size()) positions_.resize(key.sender + std::size_t{1});
  const auto& positions = positions_[key.sender];
  if (key.number >= positions.size() || positions[key.number] == nowhere)
    return settle(member, key);
  const auto position = positions[key.number];
  if (position >= member.next) {
    const bool skips = miss(member, position);
    ++member.next;
    ++member.seen;
    return skips ? verdict::skipping : verdict::in_order;
  }
  const auto found = std::find(member.missing.begin(), member.missing.end(), position);
  if (found == member.missing.end()) return verdict::repeated;
  member.missing.erase(found);
  ++member.seen;
  return verdict::late;
}

room_log::verdict room_log::settle(reader& member, message_key key) {
  const auto end = static_cast<std::uint32_t>(order_.size());
  const bool skips = miss(member, end);
  auto& positions = positions_[key.sender];
  const bool is_newest = key.number >= positions.size();
  if (is_newest) positions.resize(key.number + std::size_t{1}, nowhere);
  positions[key.number] = end;
  order_.push_back(key);
  ++member.next;
  ++member.seen;
  if (!is_newest) return verdict::unordered;
  return skips ? verdict::skipping : verdict::in_order;
}

} // namespace hubbub::bench
