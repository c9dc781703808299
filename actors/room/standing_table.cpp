#include "actors/room/standing_table.hpp"

#include <utility>

namespace hubbub {

standing_table::standing_table(std::vector<standing> all) {
  for (auto& each : all)
    set(std::move(each));
}

void standing_table::set(standing each) {
  auto& entries = of(each.kind);
  auto key = each.user_id;
  entries.insert_or_assign(std::move(key), std::move(each));
}

void standing_table::drop(standing_kind kind, const std::string& user_id) {
  of(kind).erase(user_id);
}

void standing_table::forget_expired(timestamp now) {
  for (auto& entries : lists_)
    std::erase_if(entries, [now](const auto& entry) { return !entry.second.holds(now); });
}

std::size_t standing_table::size() const {
  std::size_t sum = 0;
  for (const auto& entries : lists_)
    sum += entries.size();
  return sum;
}

bool standing_table::contains(standing_kind kind, const std::string& user_id) const {
  return of(kind).contains(user_id);
}

const standing* standing_table::find(standing_kind kind, const std::string& user_id,
                                     timestamp now) const {
  const auto& entries = of(kind);
  const auto found = entries.find(user_id);
  return found != entries.end() && found->second.holds(now) ? &found->second : nullptr;
}

user_standing standing_table::of(const std::string& user_id, timestamp now) const {
  user_standing result;
  for (const auto kind : all_standing_kinds)
    if (find(kind, user_id, now) != nullptr) result.add(kind);
  return result;
}

standings_page standing_table::page(standing_kind kind, const std::optional<std::string>& after,
                                    std::int64_t limit, timestamp now) const {
  standings_page result;
  const auto& entries = of(kind);
  auto entry = after ? entries.upper_bound(*after) : entries.begin();
  for (; entry != entries.end(); ++entry) {
    if (!entry->second.holds(now)) continue;
    if (std::ssize(result.standings) == limit) {
      result.next = result.standings.back().user_id;
      return result;
    }
    result.standings.push_back(entry->second);
  }
  return result;
}

} // namespace hubbub
