#include "net/io/tls_context.hpp"
#include "net/server.hpp"
#include "tests/net/io/tls_client.hpp"
#include "tests/net/server_world.hpp"
#include "tests/net/test_certificate.hpp"
#include "tests/support/catch.hpp"

#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::Contains;

struct tls_config : local_config {
  explicit tls_config(const test_certificate& with) {
    tls_cert = with.certificate();
    tls_key = with.key();
  }
};

/// A server under TLS with the echo of `server_world`.
struct tls_world {
  explicit tls_world(std::size_t io_threads = 2) : world(config_with(io_threads)) {}
  server_config config_with(std::size_t io_threads) const {
    tls_config config{certificate};
    config.io_threads = io_threads;
    return config;
  }
  [[nodiscard]] std::uint16_t port() const { return world.port(); }

  test_certificate certificate;
  server_world world;
};

std::string text_of(std::size_t size) {
  std::string text = "4";
  for (std::size_t i = 1; i < size; ++i)
    text += static_cast<char>('a' + i % 26);
  return text;
}

} // namespace

TEST_CASE(
    "requests are answered under TLS, one after the other and in bytes that come at once") {
  tls_world world;
  CHECK(world.world.get().url() == "https://127.0.0.1:" + std::to_string(world.port()));
  tls_client client{world.port()};
  REQUIRE(client.connected());
  const auto target = polling + "&sid=" + open_session(client);
  for (const std::size_t size : {2UL, 100UL, 17'000UL, 300'000UL}) {
    const auto text = text_of(size);
    CHECK(client.post(target, text).body == "ok");
    CHECK(client.get(target).body == text);
  }
  // The second request is read from the socket along with the first.
  const std::string both = "GET /none HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(both + both);
  CHECK(client.read_response().status == 404);
  CHECK(client.read_response().status == 404);
  CHECK(world.world.stats().tls_handshakes == 1);
}

TEST_CASE(
    "a session goes from polling to a WebSocket under TLS, on whichever thread it lands") {
  tls_world world{3};
  for (int i = 0; i < 9; ++i) {
    tls_client opener{world.port()};
    const auto sid = open_session(opener);
    tls_client upgrader{world.port()};
    upgrader.send(websocket_request(by_websocket + "&sid=" + sid) + client_frame("2probe"));
    REQUIRE(upgrader.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
    CHECK(upgrader.read_frame().payload == "3probe");
    upgrader.send(client_frame("5") + client_frame("4hello"));
    CHECK(upgrader.read_frame().payload == "4hello");
    const auto large = text_of(200'000);
    upgrader.send(client_frame(large) + client_frame("4after"));
    CHECK(upgrader.read_frame().payload == large);
    CHECK(upgrader.read_frame().payload == "4after");
  }
  CHECK(world.world.stats().polling_open == 0);
}

TEST_CASE("whom there is no room for is not answered in the clear where TLS is spoken") {
  const test_certificate certificate;
  tls_config config{certificate};
  config.bounds.max_connections = 1;
  server_world world{config};
  tls_client client{world.port()};
  REQUIRE(client.connected());
  raw_client surplus{world.port()};
  CHECK(surplus.read_to_end().empty());
  CHECK(client.get("/none").status == 404);
}

TEST_CASE("a poll waits, is answered, and is given up with its client under TLS") {
  tls_world world{1};
  tls_client client{world.port()};
  const auto target = polling + "&sid=" + open_session(client);
  const auto poll = "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
  tls_client poller{world.port()};
  poller.send(poll);
  CHECK(client.post(target, "4now").body == "ok");
  CHECK(poller.read_response().body == "4now");

  SECTION("it takes its leave, and keeps the connection for a while") {
    poller.send(poll);
    poller.end_tls();
    CHECK(poller.read_to_end().empty());
  }
  SECTION("it breaks off") {
    poller.send(poll);
    poller.end();
    CHECK(poller.read_to_end().empty());
  }
  SECTION("it asks for more before it is answered") {
    poller.send(poll + "GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.post(target, "4first").body == "ok");
    CHECK(poller.read_response().body == "4first");
    CHECK(poller.read_response().status == 404);
  }
  CHECK(client.post(target, "4kept").body == "ok");
  CHECK(client.get(target).body == "4kept");
}

TEST_CASE("a closed connection says goodbye under TLS") {
  tls_world world;
  SECTION("after an answer that ends it") {
    tls_client client{world.port()};
    client.send("GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(client.read_response().status == 404);
    CHECK(client.read_to_end().empty());
    CHECK(client.heard_goodbye());
  }
  SECTION("after the closing handshake of a WebSocket") {
    tls_client client{world.port()};
    open_websocket(client);
    client.send(client_frame("", 8));
    CHECK(client.read_frame().opcode == 8);
    CHECK(client.read_to_end().empty());
    CHECK(client.heard_goodbye());
  }
}

TEST_CASE("a slow reader under TLS gets all of it in order, or is closed") {
  test_certificate certificate;
  tls_config config{certificate};
  config.io_threads = 1;
  config.max_queue_bytes = 3'000'000;
  server_world world{config};
  tls_client client{world.port()};
  open_websocket(client);
  constexpr int echoes = 40;

  SECTION("within the bound") {
    const auto text = text_of(60'000);
    for (int i = 0; i < echoes; ++i)
      client.send(client_frame(text));
    for (int i = 0; i < echoes; ++i)
      REQUIRE(client.read_frame().payload == text);
    client.send(client_frame("4end"));
    CHECK(client.read_frame().payload == "4end");
  }
  SECTION("past it") {
    const auto text = text_of(900'000);
    while (client.try_send(client_frame(text)) && world.stats().slow_readers == 0) {
    }
    CHECK(world.stats().slow_readers == 1);
  }
}

TEST_CASE("what is not TLS is closed without an answer, and costs no handshake") {
  tls_world world;
  raw_client noise{world.port()};
  noise.send("\x01 hello");
  CHECK(noise.read_to_end().empty());
  CHECK(world.world.stats().tls_handshakes_failed == 1);
  // A first byte like that of a handshake is not a handshake yet.
  raw_client liar{world.port()};
  liar.send(std::string{"\x16\x03\x01\x00\x05hello", 10});
  CHECK(liar.read_to_end().size() < 16); // an alert
  CHECK(world.world.stats().tls_handshakes_failed == 2);
  CHECK(world.world.stats().tls_handshakes == 0);
}

TEST_CASE("plain HTTP is told that the port speaks HTTPS, and costs no handshake") {
  tls_world world;
  raw_client plain{world.port()};
  plain.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto response = plain.read_response();
  CHECK(response.status == 400);
  CHECK_THAT(response.body, Contains("HTTPS"));
  CHECK_THAT(response.head, Contains("Connection: close\r\n"));
  CHECK(plain.read_to_end().empty());
  CHECK(world.world.stats().tls_handshakes_failed == 1);
  CHECK(world.world.stats().tls_handshakes == 0);
}

TEST_CASE("answers over TLS carry Strict-Transport-Security if it is set") {
  const test_certificate certificate;
  tls_config config{certificate};
  config.hsts = "max-age=31536000; includeSubDomains";
  server_world world{config};
  tls_client client{world.port()};
  CHECK_THAT(client.get("/none").head,
             Contains("Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"));
  tls_world silent;
  tls_client other{silent.port()};
  CHECK_THAT(other.get("/none").head, !Contains("Strict-Transport-Security"));
}

TEST_CASE("a client gets the certificate for the name that it asks for") {
  const test_certificate first{"hubbub.test"};
  const test_certificate second{"*.chat.test"};
  tls_config config{first};
  config.tls_cert += "," + second.certificate();
  config.tls_key += "," + second.key();
  server_world world{config};
  const auto shown_to = [&world](const char* name, int newest) {
    tls_manners manners;
    manners.asks_for = name;
    manners.newest = newest;
    tls_client client{world.port(), manners};
    REQUIRE(client.connected());
    CHECK(client.get("/none").status == 404);
    return client.server_name();
  };
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CHECK(shown_to("hubbub.test", version) == "hubbub.test");
    CHECK(shown_to("eu.chat.test", version) == "*.chat.test");
    CHECK(shown_to("EU.Chat.Test", version) == "*.chat.test");
    CHECK(shown_to("other.test", version) == "hubbub.test");
    CHECK(shown_to("", version) == "hubbub.test");
  }
}

TEST_CASE("an OCSP response is stapled for whoever asks, with the certificate it is about") {
  test_certificate first{"hubbub.test"};
  test_certificate second{"chat.test"};
  const auto response = second.approve(3'600);
  tls_config config{first};
  config.tls_cert += "," + second.certificate();
  config.tls_key += "," + second.key();
  config.tls_ocsp = "," + second.response();
  server_world world{config};
  const auto status_for = [&world](const char* name, bool asks = true) {
    tls_manners manners;
    manners.asks_for = name;
    manners.wants_status = asks;
    tls_client client{world.port(), manners};
    REQUIRE(client.connected());
    return client.status();
  };
  CHECK(status_for("chat.test") == response);
  CHECK(status_for("chat.test", false).empty());
  CHECK(status_for("hubbub.test").empty());

  second.approve(-60); // out of date
  REQUIRE(world.get().reload_tls());
  world.stats(); // all io threads have it
  CHECK(status_for("chat.test").empty());
}

TEST_CASE("a certificate that its authority has revoked is told, until another is in use") {
  test_certificate certificate{"hubbub.test"};
  certificate.revoke();
  tls_config config{certificate};
  config.tls_ocsp = certificate.response();
  server_world world{config};
  CHECK(world.stats().certificates_revoked == 1);
  certificate.renew("hubbub.test");
  certificate.approve(3'600);
  REQUIRE(world.get().reload_tls());
  CHECK(world.stats().certificates_revoked == 0);
}

TEST_CASE("handshakes that are not finished in time are closed") {
  test_certificate certificate;
  tls_config config{certificate};
  config.tls_handshake_timeout = 50ms;
  server_world world{config};
  std::vector<std::unique_ptr<raw_client>> clients;
  constexpr std::size_t silent = 100;
  for (std::size_t i = 0; i < 2 * silent; ++i) {
    clients.push_back(std::make_unique<raw_client>(world.port()));
    if (i % 2 == 0) clients.back()->send(std::string{"\x16\x03\x01\x02\x00\x01", 6});
  }
  for (auto& each : clients)
    CHECK(each->read_to_end().empty());
  CHECK(world.stats().tls_handshakes_failed == 2 * silent);
}

TEST_CASE("TLS 1.2 and 1.3 are spoken, older ones are not") {
  tls_world world;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    tls_manners manners;
    manners.newest = version;
    tls_client client{world.port(), manners};
    REQUIRE(client.connected());
    CHECK(SSL_version(client.ssl()) == version);
    CHECK(client.get("/none").status == 404);
  }
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    tls_manners manners;
    manners.newest = version;
    const tls_client client{world.port(), manners};
    CHECK_FALSE(client.connected());
    CHECK_THAT(client.refusal(), Contains("protocol version"));
  }
}

TEST_CASE("only ciphers with forward secrecy and authentication are taken") {
  tls_world world;
  for (const auto* weak : {"AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256", "AES256-SHA"}) {
    CAPTURE(weak);
    tls_manners manners;
    manners.newest = TLS1_2_VERSION;
    manners.ciphers = weak;
    CHECK_FALSE(tls_client(world.port(), manners).connected());
  }
  tls_manners manners;
  manners.newest = TLS1_2_VERSION;
  manners.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
  CHECK(tls_client(world.port(), manners).connected());
}

TEST_CASE("HTTP/1.1 is negotiated, and nothing that the server does not speak") {
  tls_world world;
  tls_manners manners;
  manners.alpn = std::string{"\x02h2\x08http/1.1"};
  tls_client client{world.port(), manners};
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.ssl(), &chosen, &size);
  CHECK(std::string(reinterpret_cast<const char*>(chosen), size) == "http/1.1");

  manners.alpn = std::string{"\x02h2"};
  CHECK_FALSE(tls_client(world.port(), manners).connected());
}

TEST_CASE("a client cannot renegotiate, and compression is off") {
  tls_world world;
  tls_manners manners;
  manners.newest = TLS1_2_VERSION;
  tls_client client{world.port(), manners};
  REQUIRE(client.connected());
  CHECK(SSL_get_current_compression(client.ssl()) == nullptr);
  REQUIRE(SSL_renegotiate(client.ssl()) == 1);
  ERR_clear_error();
  CHECK(SSL_do_handshake(client.ssl()) != 1);
  CHECK_THAT(ERR_reason_error_string(ERR_peek_error()), Contains("no renegotiation"));
}

TEST_CASE("a session is resumed by its ticket, on any thread") {
  tls_world world{3};
  tls_client first{world.port()};
  CHECK(first.get("/none").status == 404); // the ticket has come along
  const std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)> ticket{
      SSL_get1_session(first.ssl()), SSL_SESSION_free};
  for (int i = 0; i < 3; ++i) {
    tls_manners manners;
    manners.resume = ticket.get();
    tls_client again{world.port(), manners};
    REQUIRE(again.connected());
    CHECK(SSL_session_reused(again.ssl()) == 1);
    CHECK(again.get("/none").status == 404);
  }
}

TEST_CASE("a certificate that is read again is for new connections") {
  tls_world world;
  tls_client before{world.port()};
  CHECK(before.server_name() == "hubbub.test");
  world.certificate.renew("renewed.test");
  REQUIRE(world.world.get().reload_tls());
  world.world.stats(); // all io threads have it
  tls_client after{world.port()};
  CHECK(after.server_name() == "renewed.test");
  CHECK(before.get("/none").status == 404);

  world.certificate.spoil("no certificate");
  const auto refused = world.world.get().reload_tls();
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error(), Contains(world.certificate.certificate()));
  CHECK(tls_client{world.port()}.server_name() == "renewed.test");
}

TEST_CASE("a certificate that cannot be used is refused with a sentence that names the file") {
  test_certificate certificate;
  test_certificate other;
  const auto refusal = [&](const std::string& cert, const std::string& key,
                           const std::string& response = {}) {
    const auto made = tls_context::load(cert, key, response);
    REQUIRE_FALSE(made);
    CHECK(made.error().find('\n') == std::string::npos);
    return made.error();
  };
  CHECK_THAT(refusal("/nowhere.pem", certificate.key()), Contains("/nowhere.pem"));
  CHECK_THAT(refusal(certificate.certificate(), "/nowhere.pem"), Contains("/nowhere.pem"));
  CHECK_THAT(refusal(certificate.certificate(), other.key()), Contains(other.key()));
  CHECK_THAT(refusal(certificate.key(), certificate.key()), Contains(certificate.key()));
  CHECK_THAT(refusal(certificate.certificate() + "," + other.certificate(), other.key()),
             Contains("as many"));
  CHECK_THAT(refusal(certificate.certificate() + "," + other.certificate(),
                     certificate.key() + "," + certificate.key()),
             Contains(certificate.key()));
  other.approve(3'600);
  const auto with_status = [&](const std::string& response) {
    return refusal(certificate.certificate(), certificate.key(), response);
  };
  CHECK_THAT(with_status("/nowhere.der"), Contains("/nowhere.der cannot be read"));
  CHECK_THAT(with_status(certificate.key()), Contains("holds no OCSP response"));
  CHECK_THAT(with_status(other.response()), Contains("is not about the certificate"));
  CHECK_THAT(with_status(other.response() + "," + other.response()), Contains("tls_ocsp"));
}

} // namespace hubbub::test
