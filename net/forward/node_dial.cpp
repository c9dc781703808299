#include "net/forward/node_dial.hpp"

#include "net/io/io_thread.hpp"

#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <string>
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
      : transport(thread), socket_(thread.context()),
        resolver_(thread.context().get_executor()), done_(std::move(done)) {}

  void start(const tcp_place& place) {
    thread().timers().set(*this, std::chrono::steady_clock::now() + node_connect_patience);
    error_state no_address;
    const auto address = asio::ip::make_address(place.host, no_address);
    if (!no_address) {
      endpoints_.emplace_back(address, place.port);
      connect_next(asio::error::host_not_found);
      return;
    }
    resolver_.async_resolve(
        place.host, std::to_string(place.port),
        [self = shared_from_this()](error_state ec, const tcp::resolver::results_type& found) {
          for (const auto& each : found)
            self->endpoints_.push_back(each.endpoint());
          self->connect_next(ec ? ec : asio::error::host_not_found);
        });
  }

  void drain() override { finish(asio::error::operation_aborted); }
  void abort() override { finish(asio::error::operation_aborted); }
  void on_time(steady_time) override { finish(asio::error::timed_out); }

 private:
  using resolver = asio::ip::basic_resolver<tcp, asio::io_context::executor_type>;

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
    const auto done = std::exchange(done_, nullptr);
    if (!done) return;
    thread().timers().cancel(*this);
    resolver_.cancel();
    error_state ignored;
    if (!ec) socket_.set_option(tcp::no_delay(true), ignored);
    if (!ec) socket_.non_blocking(true, ec);
    if (ec) socket_.close(ignored);
    done(ec, std::move(socket_));
  }

  io_socket socket_;
  resolver resolver_;
  dialled done_;
  std::vector<tcp::endpoint> endpoints_;
  std::size_t next_ = 0;
};

} // namespace

void dial_node(io_thread& thread, const tcp_place& place, dialled done) {
  std::make_shared<node_dial>(thread, std::move(done))->start(place);
}

} // namespace hubbub
