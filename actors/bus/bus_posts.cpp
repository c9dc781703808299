#include "actors/bus/bus_posts.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace hubbub {
namespace {

/// Bytes that each post takes beside its text.
constexpr std::size_t post_overhead = 100;
/// Size of a post's entries from which on the next one begins a new post. What escapes add fits
/// between this and `max_bus_message`, unless there are very many.
constexpr std::size_t full_post = 6'000;

/// Estimates how much of a post an entry takes.
std::size_t bytes_of(const message& entry) {
  constexpr std::size_t numbers_and_names = 220;
  return numbers_and_names + entry.content.size() + entry.user_id.size() +
         entry.username.size() + (entry.client_id ? entry.client_id->size() : 0);
}

/// Entries that follow one another. An order is a run of its own and has none: it is seldom,
/// and the others read it from the log.
struct post_run {
  std::vector<const message*> entries;
  room_position end;
  std::size_t bytes = 0;
};

} // namespace

std::vector<bus_post> posts_of(std::span<const write_outcome> outcomes,
                               const bus_origin& from) {
  std::vector<post_run> runs;
  std::unordered_map<room_id, std::size_t> last; // the run that a room is at
  for (const auto& outcome : outcomes) {
    const auto at = written_at(outcome);
    if (!at) continue;
    const auto* entry = written_entry(outcome);
    const auto bytes = entry ? bytes_of(*entry) : 0;
    const auto [index, is_new] = last.try_emplace(at->room, runs.size());
    if (!is_new && entry) {
      auto& run = runs[index->second];
      const bool follows = at->rev.value == run.end.rev.value + 1 && !run.entries.empty();
      if (follows && run.bytes + bytes <= full_post) {
        run.entries.push_back(entry);
        run.end = *at;
        run.bytes += bytes;
        continue;
      }
    }
    index->second = runs.size();
    runs.push_back({entry ? std::vector{entry} : std::vector<const message*>{}, *at, bytes});
  }
  std::vector<bus_post> posts;
  posts.reserve(runs.size());
  for (const auto& [entries, end, bytes] : runs)
    posts.push_back(
        {end.room, entries.empty()
                       ? encode_bus_log(from, {end.room, revision{end.rev.value - 1}, end.rev})
                       : encode_bus_log(from, entries)});
  return posts;
}

bus_news news_of(bus_log&& log) {
  bus_news news{log.from, {{}, {log.room, {}, log.to}, false}};
  for (auto& entry : log.entries) {
    const bool is_new = !entry.edited_at && !entry.deleted_at;
    if (is_new) news.part.up_to.seq = std::max(news.part.up_to.seq, entry.seq);
    const auto rev = entry.rev;
    news.part.entries.push_back({std::move(entry), is_new, rev});
  }
  return news;
}

void bus_outlet::send() {
  if (kept_.empty()) return;
  std::size_t bytes = 0;
  for (const auto& post : kept_)
    bytes += post.text.size() + post_overhead;
  if (waiting_ + bytes > max_waiting) {
    dropped_ += kept_.size();
    kept_.clear();
    return;
  }
  waiting_ += bytes;
  send_({std::exchange(kept_, {}), std::exchange(dropped_, 0)},
        [this, bytes] { waiting_ -= bytes; });
}

} // namespace hubbub
