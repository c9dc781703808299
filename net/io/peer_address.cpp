#include "net/io/peer_address.hpp"

#include <sys/socket.h>

namespace hubbub {

client_address peer_address(const io_socket& socket) {
  boost::system::error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  if (ec) return {};
  if (peer.data()->sa_family == AF_UNIX) return local_peer;
  const auto address = peer.address();
  return address.is_v4() ? from_v4(address.to_v4().to_bytes())
                         : client_address{address.to_v6().to_bytes()};
}

} // namespace hubbub
