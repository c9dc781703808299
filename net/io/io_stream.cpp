#include "net/io/io_stream.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>

namespace hubbub {

namespace {

// A caller passes at most what `io_thread::gather_space` holds.
constexpr std::size_t most_pieces = 64;

} // namespace

/// Writes in one system call. Asio's own call does the same with twice the instructions: it
/// prepares for 64 buffers each time, and for a socket that may block.
std::size_t io_stream::write_plain(std::span<const boost::asio::const_buffer> from,
                                   error_code& ec) {
  constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
  std::ptrdiff_t written = 0;
  if (from.size() == 1) {
    written = ::send(socket_.native_handle(), from[0].data(), from[0].size(), flags);
  } else {
    std::array<iovec, most_pieces> pieces; // NOLINT(*-member-init): only what is used is set
    const auto count = std::min(from.size(), pieces.size());
    for (std::size_t i = 0; i < count; ++i)
      pieces[i] = {const_cast<void*>(from[i].data()), from[i].size()};
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    written = ::sendmsg(socket_.native_handle(), &message, flags);
  }
  ec = {};
  if (written >= 0) return static_cast<std::size_t>(written);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    ec = boost::asio::error::would_block;
  else
    ec = {errno, boost::system::system_category()};
  return 0;
}

bool io_stream::ended(bool& heard) {
  std::array<char, 1> peeked{};
  error_code ec;
  const auto size =
      tls_ ? tls_->peek(boost::asio::buffer(peeked), ec)
           : socket_.receive(boost::asio::buffer(peeked), io_socket::message_peek, ec);
  heard = size > 0;
  return ec && ec != boost::asio::error::would_block;
}

} // namespace hubbub
