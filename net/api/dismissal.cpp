#include "net/api/dismissal.hpp"

#include "net/engine/engine_connection.hpp"

namespace hubbub {

std::size_t dismiss_on_thread(const dismissed_users& users, const session_walk& sessions) {
  std::size_t found = 0;
  sessions([&](engine_connection& each) {
    if (!each.user_id || !users.contains(*each.user_id)) return;
    each.dismiss();
    ++found;
  });
  return found;
}

} // namespace hubbub
