#include "net/program/supervisor.hpp"
#include "tests/persistence/temporary_folder.hpp"
#include "tests/support/catch.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <optional>

using namespace hubbub;
using namespace hubbub::test;
using namespace std::chrono_literals;
using interval = std::optional<std::chrono::milliseconds>;

namespace {

/// A socket to which notices may be sent, named in the environment as systemd does it.
class notice_socket {
 public:
  notice_socket() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const auto path = folder_.file("notify");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~notice_socket() {
    ::unsetenv("NOTIFY_SOCKET");
    ::unsetenv("WATCHDOG_USEC");
    ::close(socket_);
  }
  notice_socket(const notice_socket&) = delete;
  notice_socket& operator=(const notice_socket&) = delete;

 private:
  temporary_folder folder_;
  int socket_;
};

} // namespace

TEST_CASE(
    "life is shown twice in the time that the supervisor allows, but at least once a day") {
  const notice_socket there;
  const auto with = [](const char* microseconds) {
    ::setenv("WATCHDOG_USEC", microseconds, 1);
    return supervisor{}.alive_interval();
  };
  CHECK(with("20000") == 10ms);
  CHECK(with("1") == 1ms);
  CHECK(with("172800000000") == 24h);
  for (const auto* longer : {"172800002000", "20000000000000000", "9223372036854775807"})
    CHECK(with(longer) == 24h);
  for (const auto* none : {"", "0", "-1", "9223372036854775808", "soon"})
    CHECK(with(none) == interval{});
}
