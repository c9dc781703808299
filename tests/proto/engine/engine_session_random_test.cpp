#include "proto/engine/engine_session.hpp"
#include "tests/proto/engine/fake_engine_host.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <cstdint>
#include <random>

using namespace hubbub;
using namespace std::chrono_literals;

namespace {

/// A client, a server and a clock that act at random, mostly in sensible ways. The host asserts
/// what holds for every callback; this class asserts what holds between them.
class chaos {
 public:
  chaos(std::uint64_t seed, engine_transport transport) : random_(seed), host_(transport) {
    host_.during_message = [this](const std::string& text) {
      REQUIRE(text == std::to_string(received_++));
      if (one_in(500)) host_.session.close(close_reason::server_disconnect);
    };
    host_.open();
  }

  void step() {
    const auto was_closed = host_.session.closed();
    act();
    check(was_closed);
  }

  [[nodiscard]] bool closed() const { return host_.session.closed(); }
  [[nodiscard]] bool upgraded() const { return upgraded_; }
  [[nodiscard]] int received() const { return received_; }

 private:
  bool one_in(unsigned n) { return random_() % n == 0; }

  void act() {
    switch (random_() % 13) {
    case 0: host_.advance(std::chrono::milliseconds{random_() % 100}); break;
    case 1: host_.now += std::chrono::milliseconds{random_() % 50}; break;
    case 2:
      if (one_in(10) || !host_.poll_waits()) static_cast<void>(host_.get());
      break;
    case 3: host_.say("news"); break;
    case 4: static_cast<void>(host_.candidate_opens()); break;
    case 5: candidate_speaks(); break;
    case 6:
      if (host_.has_candidate() && one_in(4)) host_.candidate_closed();
      break;
    case 7:
      if (one_in(300)) host_.websocket_closed(close_reason::transport_error);
      if (one_in(300)) host_.close(close_reason::shutdown);
      break;
    case 8: client_sends("3"); break;
    case 9: client_sends(one_in(40) ? nonsense() : "3"); break;
    case 10:
      if (host_.poll_waits() && one_in(20)) host_.lose_poll();
      break;
    default: client_sends("4" + std::to_string(received_));
    }
  }

  void client_sends(const std::string& packet) {
    if (host_.session.transport() == engine_transport::websocket) {
      host_.websocket(packet);
      // Requests that lost the race against the upgrade.
      if (!closed() && one_in(20)) CHECK(host_.post(packet) == request_verdict::mismatch);
    } else {
      static_cast<void>(host_.post(packet));
      if (one_in(20)) host_.websocket(packet);
    }
  }

  void candidate_speaks() {
    static const std::array<std::string, 3> sensible{"2probe", "5", "2probe"};
    host_.candidate(one_in(20) ? nonsense() : sensible[random_() % sensible.size()],
                    one_in(50));
  }

  std::string nonsense() {
    static const std::array<std::string, 8> known{"", "0", "1", "2", "5", "6", "b!", "7"};
    if (one_in(2)) return known[random_() % known.size()];
    std::string noise(random_() % 8 + 1, '9');
    for (auto& byte : noise)
      byte = static_cast<char>(random_() % 256);
    if (noise.front() == '4') noise.front() = '9'; // messages are numbered
    if (noise.front() == 'b') noise.front() = '9';
    return noise;
  }

  void check(bool was_closed) {
    const auto& session = host_.session;
    const auto news = host_.news();
    if (was_closed) REQUIRE(news.empty());
    const auto ended = std::any_of(news.begin(), news.end(), [](const std::string& line) {
      return line.starts_with("closed ");
    });
    REQUIRE(ended == (session.closed() && !was_closed));
    if (ended) REQUIRE(news.back().starts_with("closed "));
    REQUIRE(session.deadline().has_value() != session.closed());
    if (session.closed()) return;
    REQUIRE(*session.deadline() <= host_.now + 300ms);
    for (const auto& line : news)
      upgraded_ = upgraded_ || line == "promote";
  }

  std::mt19937_64 random_;
  fake_engine_host host_;
  int received_ = 0;
  bool upgraded_ = false;
};

} // namespace

TEST_CASE("whatever happens, a session keeps its promises") {
  const auto transport = GENERATE(engine_transport::polling, engine_transport::websocket);
  int upgraded = 0;
  int ended = 0;
  int received = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    chaos run{seed, transport};
    for (int step = 0; step < 400; ++step)
      run.step();
    upgraded += run.upgraded() ? 1 : 0;
    ended += run.closed() ? 1 : 0;
    received += run.received();
  }
  // The runs covered what they were meant to cover.
  CHECK(ended > 100);
  CHECK(received > 1000);
  CHECK((upgraded > 20) == (transport == engine_transport::polling));
}
