#include "bench/client/endpoint.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>

namespace hubbub::bench {
namespace {

/// Binds the socket to a source address. The port is chosen when the connection is made, so
/// that it may be shared between servers.
bool bind_source(int socket, std::size_t source) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(source));
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0;
}

} // namespace

std::string system_error(std::string_view what) {
  return std::string{what} + ": " + std::generic_category().message(errno);
}

expected<endpoint, std::string> find_endpoint(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) return unexpected("not an http:// URL: " + std::string{url});
  auto rest = url.substr(scheme.size());
  rest = rest.substr(0, rest.find('/'));
  const auto colon = rest.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos;
  std::string host{rest.substr(0, has_port ? colon : rest.size())};
  const std::string port{has_port ? rest.substr(colon + 1) : "80"};
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);

  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const auto error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
    return unexpected("cannot find " + std::string{rest} + ": " + ::gai_strerror(error));
  endpoint result;
  std::memcpy(&result.address, found->ai_addr, found->ai_addrlen);
  result.size = found->ai_addrlen;
  result.authority = rest;
  ::freeaddrinfo(found);
  return result;
}

expected<file_descriptor, std::string> begin_connect(const endpoint& to, std::size_t turn) {
  file_descriptor socket{
      ::socket(to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!socket.is_open()) return unexpected(system_error("no socket"));
  const int on = 1;
  ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (to.sources > 0 && to.address.ss_family == AF_INET &&
      !bind_source(socket.number(), turn % to.sources))
    return unexpected(system_error("cannot use a source address"));
  const auto* address = reinterpret_cast<const sockaddr*>(&to.address);
  if (::connect(socket.number(), address, to.size) != 0 && errno != EINPROGRESS)
    return unexpected(system_error("cannot connect"));
  return socket;
}

std::string connect_error(const file_descriptor& socket) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? "" : "cannot connect: " + std::generic_category().message(error);
}

} // namespace hubbub::bench
