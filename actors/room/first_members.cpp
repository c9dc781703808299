#include "actors/room/first_members.hpp"

#include <algorithm>
#include <numeric>

namespace hubbub {

namespace {

constexpr auto by_id = [](const auto& each, std::string_view user_id) {
  return each.user_id < user_id;
};

} // namespace

void first_members::show(const std::vector<member>& first, bool are_all) {
  forget();
  is_kept_ = first.size() >= kept_from;
  are_all_ = are_all;
  for (const auto& who : first) {
    const auto before = text_.size();
    append_member(text_, who);
    text_ += ',';
    if (is_kept_) pieces_.push_back({who.user_id, text_.size() - before});
  }
}

void first_members::put(const member& who) {
  if (!is_kept_) return;
  auto at = std::lower_bound(pieces_.begin(), pieces_.end(), who.user_id, by_id);
  if (at == pieces_.end() && pieces_.size() == most_) {
    are_all_ = false;
    return;
  }
  const bool was_shown = at != pieces_.end() && at->user_id == who.user_id;
  const auto offset = offset_of(at);
  std::string text;
  append_member(text, who);
  text += ',';
  text_.replace(offset, was_shown ? at->size : 0, text);
  if (was_shown) {
    at->size = text.size();
    return;
  }
  pieces_.insert(at, {who.user_id, text.size()});
  if (pieces_.size() <= most_) return;
  text_.resize(text_.size() - pieces_.back().size);
  pieces_.pop_back();
  are_all_ = false;
}

void first_members::drop(std::string_view user_id) {
  if (!is_kept_) return;
  const auto at = std::lower_bound(pieces_.begin(), pieces_.end(), user_id, by_id);
  if (at == pieces_.end() || at->user_id != user_id) return;
  // Somebody who is not known here moves up.
  if (!are_all_) return forget();
  text_.erase(offset_of(at), at->size);
  pieces_.erase(at);
}

void first_members::forget() {
  is_kept_ = false;
  text_ = {};
  pieces_ = {};
}

bool first_members::holds(std::string_view user_id) const {
  if (are_all_) return true;
  const auto at = std::lower_bound(pieces_.begin(), pieces_.end(), user_id, by_id);
  return at != pieces_.end() && at->user_id == user_id;
}

std::size_t first_members::offset_of(pieces::const_iterator which) const {
  return std::accumulate(pieces_.cbegin(), which, std::size_t{0},
                         [](std::size_t sum, const piece& each) { return sum + each.size; });
}

} // namespace hubbub
