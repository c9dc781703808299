#pragma once

#include "bench/client/file_descriptor.hpp"
#include "proto/expected.hpp"

#include <sys/socket.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace hubbub::bench {

/// Where a server listens.
struct endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
  std::string authority; ///< for the Host header
  /// Addresses 127.0.0.1, 127.0.0.2 … to connect from: each has about 28,000 ports. 0: the
  /// system chooses.
  std::size_t sources = 0;
};

/// Takes `http://host:port`, and looks the host up.
[[nodiscard]] expected<endpoint, std::string> find_endpoint(std::string_view url);

/// A socket that has begun to connect; the `turn`-th one, which decides where it connects from.
/// The error is a sentence.
[[nodiscard]] expected<file_descriptor, std::string> begin_connect(const endpoint& to,
                                                                   std::size_t turn);

/// Empty once a socket that has become writable is connected, else a sentence.
[[nodiscard]] std::string connect_error(const file_descriptor& socket);

/// The system's words for `errno`, behind what failed.
[[nodiscard]] std::string system_error(std::string_view what);

} // namespace hubbub::bench
