#include "actors/room/pending_reads.hpp"

namespace hubbub {

bool pending_reads::end(pending_read& asked) {
  if (std::exchange(asked.done, true)) return false;
  while (!reads_.empty() && reads_.front().second->done)
    reads_.pop_front();
  return true;
}

pending_read_ptr pending_reads::take_late(time_point now) {
  if (reads_.empty() || now < reads_.front().first) return nullptr;
  auto late = std::move(reads_.front().second);
  reads_.pop_front();
  return late;
}

std::optional<pending_reads::time_point> pending_reads::next() const {
  if (reads_.empty()) return std::nullopt;
  return reads_.front().first;
}

void pending_reads::clear() {
  reads_.clear();
  ahead_.clear();
}

} // namespace hubbub
