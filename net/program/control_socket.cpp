#include "net/program/control_socket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

namespace hubbub {
namespace {

using local = boost::asio::local::stream_protocol;

/// Only the owner may connect.
constexpr mode_t for_the_owner = 0600;
/// More than the longest request.
constexpr std::size_t longest_request = 200;
/// The longest path that a socket can have, without the zero at its end.
constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;

/// The time until another accept after one has failed, such as for want of descriptors.
constexpr std::chrono::milliseconds accept_pause{100};

/// One client, which asks one question.
struct client {
  explicit client(local::socket accepted)
      : socket(std::move(accepted)), patience(socket.get_executor()) {}

  void answer(const std::string& line) {
    const auto text = line + '\n';
    // A client that does not read a line is not waited for.
    static_cast<void>(
        ::send(socket.native_handle(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    boost::system::error_code ignored;
    socket.close(ignored);
  }

  local::socket socket;
  boost::asio::steady_timer patience; ///< until it has asked
  bool has_asked = false;
  std::string read;
};

void take_request(const std::shared_ptr<client>& who,
                  const std::weak_ptr<const control_handler>& handler,
                  std::chrono::milliseconds patience) {
  who->patience.expires_after(patience);
  who->patience.async_wait([who](boost::system::error_code e) {
    boost::system::error_code ignored;
    if (!e && !who->has_asked) who->socket.close(ignored);
  });
  boost::asio::async_read_until(
      who->socket, boost::asio::dynamic_buffer(who->read, longest_request), '\n',
      [who, handler](boost::system::error_code e, std::size_t size) {
        who->has_asked = true;
        who->patience.cancel();
        const auto taking = handler.lock();
        if (e || !taking) return;
        (*taking)(std::string_view{who->read}.substr(0, size - 1),
                  [who](const std::string& line) { who->answer(line); });
      });
}

} // namespace

expected<void, std::string> control_socket::open(const std::string& path,
                                                 control_handler handler) {
  if (path.size() > longest_path)
    return unexpected("the path of the control socket " + path + " is longer than " +
                      std::to_string(longest_path) + " bytes");
  auto made = listen_at(unix_place{path}, for_the_owner);
  if (!made) return unexpected(std::move(made.error()));
  acceptor_.assign(local{}, made->descriptor);
  file_ = std::move(made->file);
  handler_ = std::make_shared<const control_handler>(std::move(handler));
  do_accept();
  return {};
}

void control_socket::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  handler_.reset();
  file_ = {};
}

void control_socket::do_accept() {
  acceptor_.async_accept([this](boost::system::error_code e, local::socket socket) {
    if (e == boost::asio::error::operation_aborted || e == boost::asio::error::bad_descriptor)
      return; // closed, and perhaps destroyed
    if (e) return accept_later();
    take_request(std::make_shared<client>(std::move(socket)), handler_, patience_);
    do_accept();
  });
}

void control_socket::accept_later() {
  retry_.expires_after(accept_pause);
  retry_.async_wait([this, open = std::weak_ptr{handler_}](boost::system::error_code e) {
    if (!e && !open.expired()) do_accept();
  });
}

expected<std::string, std::string> ask_control(const std::string& path,
                                               const std::string& line) {
  const auto failed = [&path](const std::string& why) {
    return unexpected("no server answers at " + path + " (" + why +
                      "): does one run as this user? Name its --control, or give this command "
                      "its --config, or its --db and --node-id, in the folder in which it was "
                      "started");
  };
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const std::shared_ptr<const int> closing{&made, [](const int* each) { ::close(*each); }};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() > longest_path) return failed("its path is too long");
  std::ranges::copy(path, address.sun_path);
  if (::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return failed(std::generic_category().message(errno));
  const auto text = line + '\n';
  static_cast<void>(::send(made, text.data(), text.size(), MSG_NOSIGNAL));
  std::string answer;
  std::array<char, 1'024> space{};
  for (ssize_t size = 1; size > 0;) {
    size = ::recv(made, space.data(), space.size(), 0);
    if (size > 0) answer.append(space.data(), static_cast<std::size_t>(size));
  }
  if (!answer.ends_with('\n'))
    return unexpected<std::string>("the server has ended before it answered; its log says why");
  answer.pop_back();
  return answer;
}

} // namespace hubbub
