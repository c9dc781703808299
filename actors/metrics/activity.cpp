#include "actors/metrics/activity.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

namespace hubbub {
namespace {

/// Spreads keys over the sets; ids of rooms follow one another.
std::size_t spread(std::uint64_t key) {
  constexpr std::uint64_t golden = 0x9E37'79B9'7F4A'7C15U;
  return static_cast<std::size_t>((key * golden) >> 32U);
}

bool is_same(const busy_entry& entry, std::uint64_t key, std::string_view name) {
  return entry.key == key && entry.name == name;
}

void add_to_sum(std::vector<busy_entry>& sum, const busy_entry& more) {
  const auto found = std::ranges::find_if(
      sum, [&more](const busy_entry& each) { return is_same(each, more.key, more.name); });
  if (found == sum.end()) {
    sum.push_back(more);
  } else {
    found->count += more.count;
    found->excess += more.excess;
  }
}

void cut_to(std::vector<busy_entry>& entries, std::size_t most) {
  std::ranges::sort(entries, [](const busy_entry& a, const busy_entry& b) {
    return a.count != b.count ? a.count > b.count : a.name < b.name;
  });
  if (entries.size() > most) entries.resize(most);
}

} // namespace

void busy_table::note(std::uint64_t key, std::string_view name) {
  const auto first = spread(key) % sets * entries_per_set;
  const auto set = std::span{entries_}.subspan(first, entries_per_set);
  auto* least = &set.front();
  for (auto& each : set) {
    if (each.count > 0 && is_same(each, key, name)) {
      ++each.count;
      return;
    }
    if (each.count < least->count) least = &each;
  }
  least->key = key;
  least->name = name; // takes no new memory where the last name was as long
  least->excess = least->count;
  ++least->count;
}

void busy_table::add_to(std::vector<busy_entry>& sum) const {
  for (const auto& each : entries_)
    if (each.count > 0) add_to_sum(sum, each);
}

void busy_report::add(const busy_report& more) {
  for (const auto& each : more.rooms)
    add_to_sum(rooms, each);
  for (const auto& each : more.users)
    add_to_sum(users, each);
  span = std::max(span, more.span);
}

void busy_report::cut(std::size_t most) {
  cut_to(rooms, most);
  cut_to(users, most);
}

void activity_counter::note(std::uint64_t room, std::string_view room_name,
                            std::string_view user_id, time_point now) {
  if (now >= until_) {
    windows_ = {};
    return;
  }
  roll(now);
  auto& current = windows_.front();
  current.rooms.note(room, room_name);
  current.users.note(std::hash<std::string_view>{}(user_id), user_id);
}

/// Begins another window when the current one is over.
void activity_counter::roll(time_point now) {
  const auto passed = now - begun_;
  if (passed < window) return;
  has_last_ = passed < 2 * window;
  std::swap(windows_.front(), windows_.back());
  if (!has_last_) windows_.back() = {};
  windows_.front() = {};
  begun_ = now - passed % window;
}

busy_report activity_counter::look(time_point now) {
  if (now >= until_) windows_ = {};
  if (windows_.empty()) {
    windows_.resize(2);
    begun_ = now;
    has_last_ = false;
  }
  until_ = now + patience;
  roll(now);
  busy_report report;
  for (const auto& each : windows_) {
    each.rooms.add_to(report.rooms);
    each.users.add_to(report.users);
  }
  report.span = std::chrono::duration_cast<std::chrono::milliseconds>(
      now - begun_ + (has_last_ ? window : std::chrono::seconds{0}));
  return report;
}

} // namespace hubbub
