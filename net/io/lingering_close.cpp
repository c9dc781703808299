#include "net/io/lingering_close.hpp"

#include "net/io/io_thread.hpp"

#include <boost/asio/buffer.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <utility>

namespace hubbub {
namespace {

constexpr std::chrono::milliseconds patience{1'000};
// Maximum number of reads in one pass, so that one peer's flood does not keep the thread from
// the others.
constexpr int reads_per_pass = 16;

class lingering_stream final : public transport,
                               public timed,
                               public std::enable_shared_from_this<lingering_stream> {
 public:
  lingering_stream(io_thread& thread, io_stream stream, census::permit permit)
      : transport(thread, std::move(permit)), stream_(std::move(stream)) {}

  void start() {
    boost::system::error_code ec;
    if (!socket().non_blocking()) socket().non_blocking(true, ec);
    if (ec) return;
    thread().timers().set(*this, std::chrono::steady_clock::now() + patience);
    stream_.say_goodbye();
    do_end();
  }

  void drain() override {} // it ends soon enough by itself
  void abort() override { stream_.close(); }
  void on_time(steady_time) override { abort(); }

 private:
  io_socket& socket() { return stream_.socket(); }

  void do_end() {
    boost::system::error_code ec;
    stream_.send_unsent(ec);
    if (ec == boost::asio::error::would_block) {
      stream_.async_wait_writable(
          [self = shared_from_this()](boost::system::error_code failed) {
            if (!failed) self->do_end();
          });
      return;
    }
    if (!ec) socket().shutdown(io_socket::shutdown_send, ec);
    if (!ec) do_wait();
  }

  void do_wait() {
    socket().async_wait(io_socket::wait_read,
                        [self = shared_from_this()](boost::system::error_code ec) {
                          if (!ec && self->discard()) self->do_wait();
                        });
  }

  /// Reads and drops bytes; false once the peer has ended.
  bool discard() {
    std::array<char, 4096> waste;
    for (int i = 0; i < reads_per_pass; ++i) {
      boost::system::error_code ec;
      socket().read_some(boost::asio::buffer(waste), ec);
      if (ec) return ec == boost::asio::error::would_block;
    }
    return true;
  }

  io_stream stream_;
};

} // namespace

void close_lingering(io_thread& thread, io_stream stream, census::permit permit) {
  std::make_shared<lingering_stream>(thread, std::move(stream), std::move(permit))->start();
}

} // namespace hubbub
