#include "actors/bus/bus_posts.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace hubbub {

namespace {

/// Bytes that each post takes beside its text.
constexpr std::size_t post_overhead = 100;

/// Returns the message that an outcome added to a log or changed in it; null if it did neither.
const message* added_by(const write_outcome& outcome) {
  if (const auto* fresh = std::get_if<appended>(&outcome))
    return fresh->repeated ? nullptr : &fresh->stored;
  if (const auto* change = std::get_if<changed>(&outcome))
    return change->repeated ? nullptr : &change->now;
  return nullptr;
}

} // namespace

std::vector<bus_post> posts_of(std::span<const write_outcome> outcomes,
                               const bus_origin& from) {
  std::vector<std::vector<const message*>> runs;
  std::unordered_map<room_id, std::size_t> last; // the run that a room is at
  for (const auto& outcome : outcomes) {
    const auto* entry = added_by(outcome);
    if (entry == nullptr) continue;
    const auto [at, is_new] = last.try_emplace(entry->room, runs.size());
    if (!is_new && entry->rev.value == runs[at->second].back()->rev.value + 1) {
      runs[at->second].push_back(entry);
      continue;
    }
    at->second = runs.size();
    runs.push_back({entry});
  }
  std::vector<bus_post> posts;
  posts.reserve(runs.size());
  for (const auto& run : runs)
    posts.push_back({run.front()->room, encode_bus_log(from, run)});
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
