#include "net/io/unix_socket.hpp"

#include <boost/asio/ip/address.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

namespace hubbub {
namespace {

/// A descriptor that is closed unless it is taken.
class descriptor_guard {
 public:
  explicit descriptor_guard(int descriptor) : descriptor_(descriptor) {}
  ~descriptor_guard() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  descriptor_guard(const descriptor_guard&) = delete;
  descriptor_guard& operator=(const descriptor_guard&) = delete;

  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] int take() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, address.sun_path);
  return address;
}

int new_socket() {
  return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

bool is_socket(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

/// True if nobody listens at the socket any more.
bool is_stale(const std::string& path) {
  const descriptor_guard probe{new_socket()};
  const auto address = address_of(path);
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
             0 &&
         errno == ECONNREFUSED;
}

bool bind_to(int descriptor, const std::string& path) {
  const auto address = address_of(path);
  return ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

unexpected<std::string> failure(const std::string& path, const std::string& why) {
  return unexpected("cannot listen at " + path + ": " + why);
}

listen_place tcp_place_of(const sockaddr_storage& address) {
  namespace ip = boost::asio::ip;
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    const ip::address_v4 host{ntohl(v4.sin_addr.s_addr)};
    return tcp_place{host.is_unspecified() ? "" : host.to_string(), ntohs(v4.sin_port)};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  const ip::address_v6 host{std::bit_cast<ip::address_v6::bytes_type>(v6.sin6_addr)};
  return tcp_place{host.is_unspecified() ? "" : host.to_string(), ntohs(v6.sin6_port)};
}

} // namespace

socket_file::socket_file(std::string path) : path_(std::move(path)) {
  struct stat found {};
  if (::lstat(path_.c_str(), &found) != 0) path_.clear();
  device_ = found.st_dev;
  inode_ = found.st_ino;
}

socket_file::~socket_file() {
  struct stat found {};
  if (path_.empty() || ::lstat(path_.c_str(), &found) != 0) return;
  if (found.st_dev == device_ && found.st_ino == inode_) ::unlink(path_.c_str());
}

socket_file::socket_file(socket_file&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

socket_file& socket_file::operator=(socket_file&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(device_, other.device_);
  std::swap(inode_, other.inode_);
  return *this;
}

expected<unix_listening, std::string> listen_at(const unix_place& place, mode_t mode) {
  const auto& path = place.path;
  descriptor_guard made{new_socket()};
  if (made.get() < 0) return failure(path, std::strerror(errno));
  if (!bind_to(made.get(), path)) {
    if (errno != EADDRINUSE) return failure(path, std::strerror(errno));
    if (!is_socket(path)) return failure(path, "there is a file that is no socket");
    if (!is_stale(path)) return failure(path, "another program listens there");
    ::unlink(path.c_str());
    if (!bind_to(made.get(), path)) return failure(path, std::strerror(errno));
  }
  socket_file file{path};
  // Nobody can connect before it listens, so nobody can before the mode is right.
  if (::chmod(path.c_str(), mode) != 0 || ::listen(made.get(), SOMAXCONN) != 0)
    return failure(path, std::strerror(errno));
  return unix_listening{made.take(), std::move(file)};
}

expected<listen_place, std::string> place_of_listening(int descriptor) {
  int listens = 0;
  int type = 0;
  socklen_t size = sizeof(int);
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
      ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || listens == 0 ||
      type != SOCK_STREAM ||
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return unexpected("descriptor " + std::to_string(descriptor) +
                      ", which was passed in LISTEN_FDS, is no stream socket that listens");
  if (address.ss_family != AF_UNIX) return tcp_place_of(address);
  const auto& local = reinterpret_cast<const sockaddr_un&>(address);
  constexpr auto start = offsetof(sockaddr_un, sun_path);
  return unix_place{length > start ? std::string{local.sun_path} : std::string{}};
}

} // namespace hubbub
