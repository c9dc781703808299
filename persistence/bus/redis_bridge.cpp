#include "persistence/bus/redis_bridge.hpp"

#include <poll.h>

#include <array>
#include <utility>

namespace hubbub {
namespace {

/// The channels of emitters and servers for the namespace `/`: that of everybody, and those of
/// rooms, whose names follow.
constexpr std::string_view node_pattern = "socket.io#/#*";
/// The channel of python-socketio, and that of Flask-SocketIO.
constexpr std::array<std::string_view, 2> python_channels{"socketio", "flask-socketio"};
/// Maximum number of bytes of what others may publish there. A Redis cuts a listener by itself
/// for whom more waits (`client-output-buffer-limit pubsub`, 32 MB).
constexpr std::size_t longest_message = 34'000'000;

// One has the key who wrote it first, for a time that begins anew each time.
constexpr std::string_view claim_script =
    "if redis.call('set',KEYS[1],ARGV[1],'nx','px',ARGV[2]) then return 1 end "
    "if redis.call('get',KEYS[1])~=ARGV[1] then return 0 end "
    "redis.call('pexpire',KEYS[1],ARGV[2]) return 1";
constexpr std::string_view release_script =
    "if redis.call('get',KEYS[1])==ARGV[1] then redis.call('del',KEYS[1]) end return 0";

} // namespace

bool is_python_channel(std::string_view channel) {
  return channel == python_channels[0] || channel == python_channels[1];
}

std::unique_ptr<bridge_line> make_bridge_line(const bus_address& address, bool claims) {
  return std::make_unique<redis_bridge>(address, claims);
}

expected<void, std::string> redis_bridge::connect(milliseconds patience) {
  close();
  block_broken_pipes();
  const auto until = std::chrono::steady_clock::now() + patience;
  auto listens = redis_socket::open(address_, until);
  if (!listens) return unexpected(std::move(listens.error()));
  listens->take_up_to(longest_message);
  if (claims_) {
    auto asks = redis_socket::open(address_, until);
    if (!asks) return unexpected(std::move(asks.error()));
    asks_.emplace(*std::move(asks));
  }
  listens_.emplace(*std::move(listens));
  listens_->append({"PSUBSCRIBE", node_pattern});
  listens_->append({"SUBSCRIBE", python_channels[0], python_channels[1]});
  return {};
}

void redis_bridge::close() {
  if (asks_ && !key_.empty()) {
    asks_->append({"EVAL", release_script, "1", key_, owner_});
    // If it does not reach the Redis, the claim ends by itself.
    static_cast<void>(asks_->write());
  }
  key_.clear();
  listens_.reset();
  asks_.reset();
  failed_.reset();
}

void redis_bridge::ping(std::string_view text) {
  if (listens_) listens_->append({"PING", text});
}

void redis_bridge::claim(const std::string& key, const std::string& owner, milliseconds time) {
  if (!asks_) return;
  key_ = key;
  owner_ = owner;
  asks_->append({"EVAL", claim_script, "1", key, owner, std::to_string(time.count())});
}

void redis_bridge::listen(bridge_catch& caught) {
  std::vector<redis_reply> replies;
  if (auto read = listens_->read(replies); !read) failed_ = std::move(read.error());
  for (auto& reply : replies) {
    auto& parts = reply.parts;
    if (reply.is_error) failed_ = parts.front();
    if (parts.size() == 4 && parts[0] == "pmessage")
      caught.heard.push_back({std::move(parts[2]), std::move(parts[3])});
    else if (parts.size() == 3 && parts[0] == "message")
      caught.heard.push_back({std::move(parts[1]), std::move(parts[2])});
    else if (parts.size() == 2 && parts[0] == "pong")
      caught.pongs.push_back(std::move(parts[1]));
  }
}

expected<void, std::string> redis_bridge::hear_claims(bridge_catch& caught) {
  std::vector<redis_reply> replies;
  if (auto read = asks_->read(replies); !read) return read;
  for (const auto& reply : replies) {
    if (reply.is_error) return unexpected(reply.parts.front());
    caught.claimed = reply.parts.front() == "1";
  }
  return {};
}

expected<bridge_catch, std::string> redis_bridge::pass(const bus_bell& bell,
                                                       milliseconds patience) {
  if (!listens_) return unexpected(std::string{"it is not connected"});
  if (failed_) return unexpected(*std::exchange(failed_, std::nullopt));
  if (auto written = listens_->write(); !written) return unexpected(written.error());
  if (asks_)
    if (auto written = asks_->write(); !written) return unexpected(written.error());
  std::array<pollfd, 3> waits{
      {{listens_->descriptor(), listens_->events(), 0},
       {asks_ ? asks_->descriptor() : -1, asks_ ? asks_->events() : short{0}, 0},
       {bell.descriptor(), POLLIN, 0}}};
  bridge_catch caught;
  if (::poll(waits.data(), waits.size(), static_cast<int>(patience.count())) <= 0)
    return caught;
  if (waits[2].revents != 0) bell.hush();
  if (waits[1].revents != 0)
    if (auto good = hear_claims(caught); !good) return unexpected(std::move(good.error()));
  if (waits[0].revents != 0) listen(caught);
  // What came before the failure is told first, and the failure at the next pass.
  if (failed_ && caught.heard.empty()) return unexpected(*std::exchange(failed_, std::nullopt));
  return caught;
}

} // namespace hubbub
