#include "net/forward/node_peer.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace hubbub {
namespace {

using error_state = boost::system::error_code;

/// Maximum number of connections that a thread keeps to one node.
constexpr std::size_t most_kept = 64;
/// Maximum time for which one is kept. The other node ends it later (`idle_timeout`), so that
/// no request meets that end.
constexpr std::chrono::milliseconds longest_kept{30'000};

} // namespace

/// A connection that waits for the next request. Whatever comes meanwhile is its end.
class node_peer::kept final : public transport,
                              public timed,
                              public std::enable_shared_from_this<kept> {
 public:
  kept(io_thread& thread, io_socket socket, node_peer& peer)
      : transport(thread), socket_(std::move(socket)), peer_(peer.weak_from_this()) {}

  void start() {
    thread().timers().set(*this,
                          std::chrono::steady_clock::now() +
                              std::min(longest_kept, thread().config().idle_timeout / 2));
    socket_.async_wait(io_socket::wait_read, [self = shared_from_this()](error_state ec) {
      if (!ec) self->abort();
    });
  }
  [[nodiscard]] io_socket take() {
    thread().timers().cancel(*this);
    error_state ignored;
    socket_.cancel(ignored);
    return std::move(socket_);
  }

  void drain() override { abort(); }
  void on_time(steady_time) override { abort(); }
  void abort() override {
    const auto self = shared_from_this();
    thread().timers().cancel(*this);
    error_state ignored;
    socket_.close(ignored);
    if (const auto peer = peer_.lock())
      std::erase_if(peer->kept_, [this](const auto& each) { return each.get() == this; });
  }

 private:
  io_socket socket_;
  std::weak_ptr<node_peer> peer_;
};

peer_user::peer_user(std::shared_ptr<node_peer> peer) : peer_(std::move(peer)) {
  peer_->users_.insert(this);
}

peer_user::~peer_user() {
  peer_->users_.erase(this);
}

std::optional<io_socket> node_peer::take() {
  while (!kept_.empty()) {
    auto socket = kept_.front()->take();
    kept_.pop_front();
    // Whatever has come meanwhile, above all the end, is seen before anything is sent.
    char byte = 0;
    error_state ec;
    socket.receive(boost::asio::buffer(&byte, 1), io_socket::message_peek, ec);
    if (ec == boost::asio::error::would_block) return socket;
  }
  return {};
}

void node_peer::keep(io_socket socket) {
  if (is_retired_ || thread_->draining() || kept_.size() >= most_kept) return;
  kept_.push_front(std::make_shared<kept>(*thread_, std::move(socket), *this));
  kept_.front()->start();
}

void node_peer::retire() {
  is_retired_ = true;
  for (const auto& each : std::exchange(kept_, {}))
    each->abort();
}

void node_peer::give_up() {
  const std::vector<peer_user*> all{users_.begin(), users_.end()};
  for (auto* each : all)
    if (users_.contains(each)) each->on_peer_gone();
}

} // namespace hubbub
