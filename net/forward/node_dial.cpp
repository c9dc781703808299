#include "net/forward/node_dial.hpp"

#include "net/io/io_thread.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace hubbub {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using error_state = boost::system::error_code;

/// Time to connect. Nodes are near each other.
constexpr std::chrono::milliseconds node_connect_patience{3'000};

class node_dial final : public transport,
                        public timed,
                        public std::enable_shared_from_this<node_dial> {
 public:
  node_dial(io_thread& thread, dialled done)
      : transport(thread), socket_(thread.context()), done_(std::move(done)) {}

  void start(node_names& names) {
    alive_ = shared_from_this();
    thread().timers().set(*this, std::chrono::steady_clock::now() + node_connect_patience);
    names.find([dial = weak_from_this()](const node_names::endpoints& found) {
      const auto self = dial.lock();
      if (!self) return; // it was given up
      self->endpoints_ = found;
      self->connect_next(asio::error::host_not_found);
    });
  }

  void drain() override { finish(asio::error::operation_aborted); }
  void abort() override { finish(asio::error::operation_aborted); }
  void on_time(steady_time) override { finish(asio::error::timed_out); }

 private:
  /// Tries the next address; `last` is why there was no success yet.
  void connect_next(error_state last) {
    if (!done_) return;
    if (next_ == endpoints_.size()) return finish(last);
    socket_ = io_socket{thread().context()};
    socket_.async_connect(endpoints_[next_++], [self = shared_from_this()](error_state ec) {
      if (ec)
        self->connect_next(ec);
      else
        self->finish({});
    });
  }

  void finish(error_state ec) {
    const auto self = std::exchange(alive_, nullptr);
    const auto done = std::exchange(done_, nullptr);
    if (!done) return;
    thread().timers().cancel(*this);
    error_state ignored;
    if (!ec) socket_.set_option(tcp::no_delay(true), ignored);
    if (!ec) socket_.non_blocking(true, ec);
    if (ec) socket_.close(ignored);
    done(ec, std::move(socket_));
  }

  io_socket socket_;
  dialled done_;
  std::shared_ptr<node_dial> alive_; ///< itself, until it has ended
  node_names::endpoints endpoints_;
  std::size_t next_ = 0;
};

} // namespace

void dial_node(io_thread& thread, node_names& names, dialled done) {
  std::make_shared<node_dial>(thread, std::move(done))->start(names);
}

} // namespace hubbub
