#include "net/chat_server.hpp"
#include "tests/net/raw_client.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/chat_system_config.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

using namespace hubbub;
using namespace hubbub::test;

namespace {

hubbub_config without_threads() {
  hubbub_config config;
  config.server.host = "127.0.0.1";
  config.server.port = 0;
  config.server.io_threads = 2;
  config.server.own_threads = false;
  config.store.path = ":memory:";
  return config;
}

/// A chat whose threads the test replaces.
class hosted_chat {
 public:
  hosted_chat() : chat_(system_, without_threads()) { REQUIRE(chat_.start()); }

  server& get() { return chat_.connections(); }
  void stop() { chat_.stop(); }

  /// Returns the answer to `bytes` on a connection of their own.
  std::string exchange(std::string_view bytes) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    get().serve(ends[1]);
    REQUIRE(::send(ends[0], bytes.data(), bytes.size(), 0) ==
            static_cast<ssize_t>(bytes.size()));
    while (get().run_ready()) {
    }
    std::string answer(65'536, '\0');
    const auto count = ::recv(ends[0], answer.data(), answer.size(), MSG_DONTWAIT);
    ::close(ends[0]);
    answer.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return answer;
  }

 private:
  chat_system_config config_;
  caf::actor_system system_{config_};
  chat_server chat_;
};

constexpr std::string_view post_hello =
    "POST /messages HTTP/1.1\r\nHost: x\r\nContent-Length: 36\r\n\r\n"
    R"({"room":"general","content":"hello"})";

} // namespace

TEST_CASE("A server without threads does all its work when its host says so") {
  hosted_chat chat;
  const auto posted = chat.exchange(post_hello);
  INFO(posted);
  CHECK(posted.starts_with("HTTP/1.1 201 "));
  const auto read =
      chat.exchange("GET /api/messages/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  INFO(read);
  CHECK(read.starts_with("HTTP/1.1 200 "));
  CHECK(read.find("\"hello\"") != std::string::npos);
}

TEST_CASE("A server without threads talks to a WebSocket that it is given") {
  hosted_chat chat;
  const auto heard = chat.exchange(
      test::websocket_request("/socket.io/?EIO=4&transport=websocket") + client_frame("40") +
      client_frame(R"(421["join_room",{"room":"general"}])"));
  INFO(heard);
  CHECK(heard.find("0{\"sid\":\"") != std::string::npos);
  CHECK(heard.find(R"(431[{"ok":true,"room":{)") != std::string::npos);
  while (chat.get().run_ready()) {
  }
}

TEST_CASE("A server without threads stops in order, its clients in the middle of things") {
  hosted_chat chat;
  chat.exchange(post_hello);
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  chat.get().serve(ends[1]);
  while (chat.get().run_ready()) {
  }
  chat.stop();
  char byte = 0;
  CHECK(::recv(ends[0], &byte, 1, 0) == 0);
  ::close(ends[0]);
}
