#include "net/lingering_close.hpp"

#include "net/io_thread.hpp"

#include <boost/asio/buffer.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <utility>

namespace hubbub {
namespace {

constexpr std::chrono::milliseconds patience{1'000};
// One peer's flood must not keep the thread from the others.
constexpr int reads_per_pass = 16;

class lingering_socket final : public transport,
                               public timed,
                               public std::enable_shared_from_this<lingering_socket> {
 public:
  lingering_socket(io_thread& thread, io_socket socket, census::seat seat)
      : transport(thread, std::move(seat)), socket_(std::move(socket)) {}

  void start() {
    boost::system::error_code ec;
    socket_.shutdown(io_socket::shutdown_send, ec);
    if (!ec) socket_.non_blocking(true, ec);
    if (ec) return;
    thread().timers().set(*this, std::chrono::steady_clock::now() + patience);
    do_wait();
  }

  void drain() override {} // it ends soon enough
  void abort() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  void on_time(steady_time) override { abort(); }

 private:
  void do_wait() {
    socket_.async_wait(io_socket::wait_read,
                       [self = shared_from_this()](boost::system::error_code ec) {
                         if (!ec && self->discard()) self->do_wait();
                       });
  }

  /// False once the peer has ended.
  bool discard() {
    std::array<char, 4096> waste;
    for (int i = 0; i < reads_per_pass; ++i) {
      boost::system::error_code ec;
      socket_.read_some(boost::asio::buffer(waste), ec);
      if (ec) return ec == boost::asio::error::would_block;
    }
    return true;
  }

  io_socket socket_;
};

} // namespace

void close_lingering(io_thread& thread, io_socket socket, census::seat seat) {
  std::make_shared<lingering_socket>(thread, std::move(socket), std::move(seat))->start();
}

} // namespace hubbub
