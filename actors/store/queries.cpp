#include "actors/store/queries.hpp"

#include "proto/access/permissions.hpp"

namespace hubbub {

message_range to_range(room_id room, const history_query& query) {
  return {.room = room,
          .before = query.before,
          .after = query.after,
          .around = query.around,
          .limit = query.limit,
          .user_id = query.user_id,
          .from = query.from,
          .until = query.until};
}

search_query to_search(std::optional<room_id> room, const search_terms& terms) {
  return {.room = room,
          .text = terms.q,
          .user_id = terms.user_id,
          .offset = terms.offset,
          .limit = terms.limit};
}

room_viewer viewer_of(const access& who, timestamp now) {
  return {.user_id = who.proven ? who.user_id : std::string{},
          .now = now,
          .sees_all = permissions::oversees(who),
          .patterns = permissions::shown_rooms(who)};
}

} // namespace hubbub
