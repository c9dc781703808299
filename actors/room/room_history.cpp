#include "actors/room/room_history.hpp"

#include <algorithm>

namespace hubbub {

sequence room_history::before_newest(std::int64_t count) const {
  return sequence{std::max<std::int64_t>(0, position_.seq.value - count)};
}

bool room_history::bring_up_to_date(json_page& page, revision since) const {
  return page.messages.empty() ||
         changes_.update({page.numbers, page.revisions, page.messages}, since);
}

revision newest_of(const json_page& page) {
  return page.revisions.empty() ? revision{} : std::ranges::max(page.revisions);
}

} // namespace hubbub
