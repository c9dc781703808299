#include "net/io/io_stream.hpp"

namespace hubbub {

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
