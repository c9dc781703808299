#include "net/forward/node_names.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <system_error>
#include <thread>

namespace hubbub {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using error_state = boost::system::error_code;

/// Far more than the addresses of a machine; it fits into the buffer of a socket.
constexpr std::size_t most_text = 8'192;

/// Asks the system, which may take as long as its resolver is configured to wait.
std::vector<std::string> ask_system(const std::string& host) {
  asio::io_context own;
  error_state ec;
  std::vector<std::string> addresses;
  for (const auto& each : tcp::resolver{own}.resolve(host, "", ec))
    addresses.push_back(each.endpoint().address().to_string());
  return addresses;
}

/// Writes the addresses into a socket, a line each, and closes it. Nobody may read them any
/// more.
void answer(int descriptor, const std::vector<std::string>& addresses) {
  std::string text;
  for (const auto& each : addresses)
    if (text.size() + each.size() < most_text) text += each + '\n';
  static_cast<void>(::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL));
  ::close(descriptor);
}

} // namespace

/// One look-up. The thread that asks shares nothing with this one: it writes what it finds into
/// one end of a pair of sockets, whose other end is read here.
class node_names::look_up final : public transport,
                                  public std::enable_shared_from_this<look_up> {
 public:
  look_up(io_thread& at, std::weak_ptr<node_names> names)
      : transport(at), names_(std::move(names)), end_(at.context()) {}

  /// Begins; false if the process has no descriptor or no thread left.
  [[nodiscard]] bool start(const std::string& host) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return false;
    error_state ec;
    end_.assign(asio::local::stream_protocol(), ends[0], ec);
    const auto& config = thread().config();
    try {
      std::thread{[theirs = ends[1], host, ask = config.look_up ? config.look_up : ask_system] {
        answer(theirs, ask(host));
      }}.detach();
    } catch (const std::system_error&) {
      ::close(ends[1]);
      return false;
    }
    asio::async_read(end_, asio::dynamic_buffer(text_, most_text),
                     [self = shared_from_this()](error_state why, std::size_t) {
                       const auto names = self->names_.lock();
                       if (why != asio::error::operation_aborted && names)
                         names->on_found(self->text_);
                     });
    return true;
  }

  void drain() override { abort(); }
  void abort() override {
    error_state ignored;
    end_.close(ignored);
  }

 private:
  std::weak_ptr<node_names> names_;
  asio::local::stream_protocol::socket end_;
  std::string text_;
};

void node_names::find(taker done) {
  error_state no_address;
  const auto address = asio::ip::make_address(place_.host, no_address);
  if (!no_address) return done({{address, place_.port}});
  const auto fail = [this](auto what) { asio::post(thread_->context(), std::move(what)); };
  if (waiting_.size() >= most_waiting) return fail([done = std::move(done)] { done({}); });
  waiting_.push_back(std::move(done));
  if (waiting_.size() > 1) return;
  if (!std::make_shared<look_up>(*thread_, weak_from_this())->start(place_.host))
    fail([self = shared_from_this()] { self->on_found({}); });
}

void node_names::on_found(std::string_view addresses) {
  endpoints found;
  while (!addresses.empty()) {
    const auto line = addresses.substr(0, addresses.find('\n'));
    addresses.remove_prefix(std::min(line.size() + 1, addresses.size()));
    error_state no_address;
    const auto address = asio::ip::make_address(std::string{line}, no_address);
    if (!no_address) found.emplace_back(address, place_.port);
  }
  for (const auto& done : std::exchange(waiting_, {}))
    done(found);
}

} // namespace hubbub
