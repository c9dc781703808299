#include "bench/peers/floor/outbox.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstddef>

namespace hubbub::floor {
namespace {

// Maximum number of unsent bytes; a client that lags further behind reads too slowly to stay.
constexpr std::size_t max_unsent = 8 * 1024 * 1024;

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

/// Writes, and returns how many bytes the socket took; negative if it broke.
ssize_t write_some(const connection& to, iovec* parts, std::size_t count) {
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  const auto written = ::sendmsg(to.socket.number(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  return written < 0 && would_block() ? 0 : written;
}

iovec part_of(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

/// Keeps the bytes after the first `written` for later.
void save_rest(std::string& unsent, const std::vector<iovec>& parts, std::size_t written) {
  for (const auto& part : parts) {
    const auto taken = std::min(written, part.iov_len);
    unsent.append(static_cast<const char*>(part.iov_base) + taken, part.iov_len - taken);
    written -= taken;
  }
}

} // namespace

std::string_view outbox::keep(frame_ptr frame) {
  return kept_.emplace_back(std::move(frame))->wire_pieces()[0];
}

void outbox::send(connection& to, std::string_view kept) {
  if (to.closed) return;
  if (to.queue.empty()) queued_.push_back(&to);
  to.queue.push_back(part_of(kept));
  if (how_ == delivery::coalesced) return;
  queued_.pop_back();
  write_queue(to);
}

void outbox::flush() {
  for (auto* each : queued_)
    write_queue(*each);
  queued_.clear();
  kept_.clear();
}

void outbox::resume(connection& to) {
  if (to.closed || to.unsent.empty()) return;
  auto part = part_of(to.unsent);
  const auto written = write_some(to, &part, 1);
  if (written < 0) return lose(to);
  to.unsent.erase(0, static_cast<std::size_t>(written));
  if (to.unsent.empty()) to.unsent.shrink_to_fit();
}

void outbox::write_queue(connection& to) {
  ssize_t written = 0;
  if (!to.closed && to.unsent.empty())
    written = write_some(to, to.queue.data(), std::min<std::size_t>(to.queue.size(), IOV_MAX));
  if (written < 0) lose(to);
  if (!to.closed) save_rest(to.unsent, to.queue, static_cast<std::size_t>(written));
  if (to.unsent.size() > max_unsent) lose(to);
  to.queue.clear();
}

void outbox::lose(connection& to) {
  if (to.closed) return;
  to.closed = true;
  lost_.push_back(&to);
}

} // namespace hubbub::floor
