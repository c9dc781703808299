#include "persistence/bus/pg_line.hpp"

#include "persistence/postgres/pg_open.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace hubbub {

namespace {

constexpr pg::statement notify{"notify", "SELECT pg_notify($1::text, $2::text)"};
/// Maximum number of messages in one round trip.
constexpr std::size_t messages_at_once = 256;
/// How long PostgreSQL may take for a round trip, which writes nothing to the disk. One that
/// hangs for longer counts as lost.
constexpr std::chrono::milliseconds patience_for_answer{3'000};

} // namespace

expected<void, std::string> pg_line::connect(milliseconds patience) {
  close();
  auto opened = pg::connection::open(database_, patience);
  if (!opened) return unexpected(std::move(opened.error()));
  open_.emplace(*std::move(opened));
  return {};
}

void pg_line::close() {
  open_.reset();
  orders_.clear();
  listening_.clear();
  queue_.clear();
  queued_ = 0;
}

/// Channels are names of ours, without a quote.
void pg_line::subscribe(const std::string& channel) {
  if (!open_) return;
  orders_ += "LISTEN \"" + channel + "\";";
  listening_.push_back(channel);
}

void pg_line::unsubscribe(const std::string& channel) {
  if (!open_) return;
  orders_ += "UNLISTEN \"" + channel + "\";";
  std::erase(listening_, channel);
}

bool pg_line::publish(const std::string& channel, std::string_view text) {
  if (!open_ || queued_ + text.size() > max_queued) return false;
  queued_ += text.size();
  queue_.push_back({channel, std::string{text}});
  return true;
}

expected<void, std::string> pg_line::change_channels(bus_catch& caught) {
  if (orders_.empty()) return {};
  const auto done = open_->run_script(orders_, patience_for_answer);
  if (!done) return unexpected(done.error().message);
  orders_.clear();
  caught.confirmed = std::exchange(listening_, {});
  return {};
}

expected<void, std::string> pg_line::send_some() {
  if (queue_.empty()) return {};
  const auto end =
      queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), messages_at_once));
  for (auto each = queue_.begin(); each != end; ++each) {
    open_->queue(notify, pg::parameters::of(each->channel, each->text));
    queued_ -= each->text.size();
  }
  queue_.erase(queue_.begin(), end);
  const auto done = open_->finish(patience_for_answer);
  if (!done) return unexpected(done.error().message);
  return {};
}

expected<bus_catch, std::string> pg_line::pass(const bus_bell& bell, milliseconds patience) {
  if (!open_) return unexpected(std::string{"it is not connected"});
  bus_catch caught;
  if (auto done = change_channels(caught); !done) return unexpected(std::move(done.error()));
  if (auto done = send_some(); !done) return unexpected(std::move(done.error()));
  const auto listen = [&] {
    return open_->take_notifications([&](std::string_view channel, std::string_view text) {
      caught.heard.push_back({std::string{channel}, std::string{text}});
    });
  };
  // An answer may have brought some along.
  if (!listen()) return unexpected(std::string{"it has closed the connection"});
  const bool waits_for_more =
      caught.heard.empty() && caught.confirmed.empty() && queue_.empty();
  std::array<pollfd, 2> waits{
      {{open_->descriptor(), POLLIN, 0}, {bell.descriptor(), POLLIN, 0}}};
  const auto time = waits_for_more ? patience : milliseconds{0};
  if (::poll(waits.data(), waits.size(), static_cast<int>(time.count())) <= 0) return caught;
  if (waits[1].revents != 0) bell.hush();
  if (waits[0].revents != 0 && !listen() && caught.heard.empty())
    return unexpected(std::string{"it has closed the connection"});
  return caught;
}

} // namespace hubbub
