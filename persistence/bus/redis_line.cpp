#include "persistence/bus/redis_line.hpp"

#include <poll.h>

#include <array>
#include <utility>

namespace hubbub {

expected<void, std::string> redis_line::connect(milliseconds patience) {
  close();
  block_broken_pipes();
  const auto until = std::chrono::steady_clock::now() + patience;
  auto listens = redis_socket::open(address_, until);
  if (!listens) return unexpected(std::move(listens.error()));
  auto speaks = redis_socket::open(address_, until);
  if (!speaks) return unexpected(std::move(speaks.error()));
  listens_.emplace(*std::move(listens));
  speaks_.emplace(*std::move(speaks));
  return {};
}

void redis_line::close() {
  listens_.reset();
  speaks_.reset();
  failed_.reset();
}

void redis_line::subscribe(const std::string& channel) {
  if (listens_) listens_->append({"SUBSCRIBE", channel});
}

void redis_line::unsubscribe(const std::string& channel) {
  if (listens_) listens_->append({"UNSUBSCRIBE", channel});
}

bool redis_line::publish(const std::string& channel, std::string_view text) {
  if (!speaks_ || speaks_->queued() + text.size() > max_queued) return false;
  speaks_->append({"PUBLISH", channel, text});
  return true;
}

void redis_line::listen(bus_catch& caught) {
  std::vector<redis_reply> replies;
  if (auto read = listens_->read(replies); !read) failed_ = std::move(read.error());
  for (auto& reply : replies) {
    if (reply.is_error) failed_ = reply.parts.front();
    if (reply.parts.size() != 3) continue;
    if (reply.parts[0] == "message")
      caught.heard.push_back({std::move(reply.parts[1]), std::move(reply.parts[2])});
    else if (reply.parts[0] == "subscribe")
      caught.confirmed.push_back(std::move(reply.parts[1]));
  }
}

/// Reads how many heard each message, which nobody wants to know, and errors.
expected<void, std::string> redis_line::check_answers() {
  std::vector<redis_reply> replies;
  if (auto read = speaks_->read(replies); !read) return read;
  for (const auto& reply : replies)
    if (reply.is_error) return unexpected(reply.parts.front());
  return {};
}

expected<bus_catch, std::string> redis_line::pass(const bus_bell& bell, milliseconds patience) {
  if (!listens_ || !speaks_) return unexpected(std::string{"it is not connected"});
  if (failed_) return unexpected(*std::exchange(failed_, std::nullopt));
  for (auto* each : {&*listens_, &*speaks_})
    if (auto written = each->write(); !written) return unexpected(std::move(written.error()));
  std::array<pollfd, 3> waits{{{listens_->descriptor(), listens_->events(), 0},
                               {speaks_->descriptor(), speaks_->events(), 0},
                               {bell.descriptor(), POLLIN, 0}}};
  bus_catch caught;
  if (::poll(waits.data(), waits.size(), static_cast<int>(patience.count())) <= 0)
    return caught;
  if (waits[2].revents != 0) bell.hush();
  if (waits[1].revents != 0)
    if (auto good = check_answers(); !good) return unexpected(std::move(good.error()));
  if (waits[0].revents != 0) listen(caught);
  // What came before the failure is told first, and the failure at the next pass.
  if (failed_ && caught.heard.empty() && caught.confirmed.empty())
    return unexpected(*std::exchange(failed_, std::nullopt));
  return caught;
}

} // namespace hubbub
