#include "include/hubbub/broker.hpp"
#include "net/embed/broker_settings.hpp"
#include "net/hubbub_config.hpp"
#include "tests/net/raw_client.hpp"
#include "tests/support/catch.hpp"

#include <arpa/inet.h>
#include <caf/all.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <string>

using namespace hubbub;
using namespace hubbub::test;

namespace {

struct host_config : caf::actor_system_config {
  host_config() { broker::configure(*this); }
};

broker_config one_thread() {
  broker_config config;
  config.io_threads = 1;
  return config;
}

/// A program with an actor system of its own.
struct host {
  host_config config;
  caf::actor_system system{config};
};

std::string ask(std::uint16_t port, const std::string& path) {
  raw_client client{port};
  client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  return client.read_to_end();
}

} // namespace

TEST_CASE("a broker's defaults are those of the server, where it has the setting") {
  const auto made = to_settings({});
  REQUIRE(made);
  const hubbub_config server;
  CHECK(made->store.path == ":memory:");
  CHECK_FALSE(made->server.listens);
  CHECK(made->store.level == server.store.level);
  CHECK(made->store.dedupe_window_ms == server.store.dedupe_window_ms);
  CHECK(made->store.max_rooms == server.store.max_rooms);
  CHECK(made->server.cors_origins == server.server.cors_origins);
  CHECK(made->server.io_threads == server.server.io_threads);
  CHECK(made->chat.auto_create_rooms == server.chat.auto_create_rooms);
  CHECK(made->chat.open_edit == server.chat.open_edit);
  CHECK(made->chat.limits.content == server.chat.limits.content);
  CHECK(made->chat.limits.room_name == server.chat.limits.room_name);
  CHECK(made->chat.limits.username == server.chat.limits.username);
  CHECK(made->chat.limits.rooms_per_socket == server.chat.limits.rooms_per_socket);
  CHECK(made->chat.members_per_room == server.chat.members_per_room);
  CHECK(made->chat.typing_timeout == server.chat.typing_timeout);
  CHECK(made->chat.room_linger == server.chat.room_linger);
  CHECK(made->chat.recovery_window == server.chat.recovery_window);
}

TEST_CASE("a broker listens where its configuration says, and nowhere after it has stopped") {
  host program;
  auto config = one_thread();
  config.listen = {"127.0.0.1:0"};
  broker chat{program.system, config};
  CHECK_FALSE(chat.running());
  REQUIRE_FALSE(chat.start());
  CHECK(chat.running());
  CHECK(chat.url() == "http://127.0.0.1:" + std::to_string(chat.port()));
  CHECK(ask(chat.port(), "/healthz").starts_with("HTTP/1.1 200 "));
  chat.announce_stop();
  CHECK(ask(chat.port(), "/readyz").starts_with("HTTP/1.1 503 "));
  chat.stop();
  CHECK_FALSE(chat.running());
  CHECK(chat.url().empty());
  CHECK(chat.port() == 0);
}

TEST_CASE("a broker serves a socket that is open already") {
  host program;
  auto config = one_thread();
  const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(listening, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  REQUIRE(::listen(listening, 8) == 0);
  config.sockets = {listening};
  broker chat{program.system, config};
  REQUIRE_FALSE(chat.start());
  REQUIRE(chat.port() != 0);
  CHECK(ask(chat.port(), "/healthz").starts_with("HTTP/1.1 200 "));
}

TEST_CASE("a broker without a socket serves those that its host gives it") {
  host program;
  broker chat{program.system, one_thread()};
  REQUIRE_FALSE(chat.start());
  CHECK(chat.url().empty());
  CHECK(chat.port() == 0);
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  chat.serve(ends[1]);
  constexpr std::string_view request =
      "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  REQUIRE(::send(ends[0], request.data(), request.size(), 0) > 0);
  std::string answer(4'096, '\0');
  const auto count = ::recv(ends[0], answer.data(), answer.size(), 0);
  ::close(ends[0]);
  REQUIRE(count > 0);
  CHECK(answer.starts_with("HTTP/1.1 200 "));
}

TEST_CASE("several brokers run in one system, each with rooms of its own") {
  host program;
  auto config = one_thread();
  config.listen = {"127.0.0.1:0"};
  broker one{program.system, config};
  broker other{program.system, config};
  REQUIRE_FALSE(one.start());
  REQUIRE_FALSE(other.start());
  CHECK(one.port() != other.port());
  one.stop();
  CHECK(ask(other.port(), "/healthz").starts_with("HTTP/1.1 200 "));
}

TEST_CASE("a broker says what is wrong with its configuration, in the words of its system") {
  host program;
  auto config = one_thread();
  config.listen = {"somewhere"};
  const auto wrong = config.validate();
  REQUIRE(wrong);
  CHECK(code_of(wrong) == errc::bad_config);
  CHECK(text_of(wrong) == "listen: `somewhere` is no ADDRESS:PORT and no unix:PATH");
  CHECK(program.system.render(wrong) == "bad_config: " + text_of(wrong));
  broker chat{program.system, config};
  CHECK(code_of(chat.start()) == errc::bad_config);
  CHECK_FALSE(chat.running());
}

TEST_CASE("a broker's times have an end, so that none of them means the past") {
  const auto time = GENERATE(&broker_config::dedupe_window, &broker_config::typing_timeout,
                             &broker_config::room_linger, &broker_config::remote_silence,
                             &broker_config::recovery_window);
  auto config = one_thread();
  config.*time = std::chrono::hours{24} * 3'650;
  CHECK_FALSE(config.validate());
  config.*time = std::chrono::milliseconds::max();
  const auto wrong = config.validate();
  CHECK(code_of(wrong) == errc::bad_config);
  CHECK(text_of(wrong).ends_with(" must not be above 3650 days"));
}

TEST_CASE("a broker that cannot open its store says so, and does not run") {
  host program;
  auto config = one_thread();
  config.store = "/nonexistent/folder/chat.db";
  broker chat{program.system, config};
  const auto failed = chat.start();
  CHECK(code_of(failed) == errc::cannot_start);
  CHECK_FALSE(text_of(failed).empty());
  CHECK_FALSE(chat.running());
  CHECK(code_of(chat.start()) == errc::cannot_start);
}

TEST_CASE("errors of others are none of the library's") {
  CHECK_FALSE(code_of(caf::error{}));
  CHECK_FALSE(code_of(make_error(caf::sec::request_timeout)));
  CHECK(text_of(make_error(caf::sec::request_timeout)).empty());
  CHECK(code_of(make_error(errc::late)) == errc::late);
}
