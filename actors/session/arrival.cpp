#include "actors/session/arrival.hpp"

#include "actors/crypto/random_id.hpp"

#include <memory>
#include <utility>

namespace hubbub {

std::string_view arrival::user_id() const {
  if (access->proven) return access->user_id;
  return username ? std::string_view{*username} : std::string_view{};
}

void arrival::begin_session() {
  pid = random_id();
  session = std::make_shared<const recoverable>(recoverable{identity_of(pid), random_id()});
}

void arrival::go_on(const recovered_session& earlier) {
  recovered = earlier;
  pid = reclaimed;
  session = std::make_shared<const recoverable>(recoverable{identity_of(pid), earlier.sid});
}

std::vector<room_position> arrival::positions(const missed_rooms& missed) const {
  std::vector<room_position> found;
  const auto in_front_of = [](sequence from) { return sequence{from.value - 1}; };
  if (recovered)
    for (const auto& [room, after, gap_from] : recovered->rooms)
      found.push_back({after.room, gap_from ? in_front_of(*gap_from) : after.seq, after.rev});
  for (const auto& [room, from] : missed)
    found.push_back({room, in_front_of(from), revision{}});
  return found;
}

user_ptr arrival::named() const {
  if (access->proven) return user_of(access, session);
  if (recovered)
    return std::make_shared<const user>(
        user{recovered->user_id, recovered->username, session, access});
  const auto name = username.value_or("");
  return std::make_shared<const user>(user{name, name, session, access});
}

user_ptr user_of(const access_ptr& access, recoverable_ptr session) {
  return std::make_shared<const user>(
      user{access->user_id, access->username, std::move(session), access});
}

} // namespace hubbub
