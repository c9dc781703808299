#pragma once

#include "bench/client/file_descriptor.hpp"
#include "proto/expected.hpp"

#include <sys/socket.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace hubbub::bench {

/// The address at which a server listens.
struct endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
  std::string authority; ///< for the Host header
  /// The number of source addresses (127.0.0.1, 127.0.0.2 …) to connect from; each has about
  /// 28,000 ports. 0: the system chooses the address.
  std::size_t sources = 0;
};

/// Parses `http://host:port` and looks the host up.
[[nodiscard]] expected<endpoint, std::string> find_endpoint(std::string_view url);

/// Opens a socket and begins to connect it; `turn`, its number, decides the address it connects
/// from. The error is a sentence.
[[nodiscard]] expected<file_descriptor, std::string> begin_connect(const endpoint& to,
                                                                   std::size_t turn);

/// Says why a socket that has become writable is not connected; empty if it is.
[[nodiscard]] std::string connect_error(const file_descriptor& socket);

/// Describes `errno` in the system's words, after the name of what failed.
[[nodiscard]] std::string system_error(std::string_view what);

} // namespace hubbub::bench
