#include "actors/session/client_identity.hpp"
#include "tests/actors/session/tokens.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <string>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

constexpr timestamp identity_noon{1'700'000'000'000};

/// A client of a server in token mode or in open mode, at a time that the test sets.
struct identity_world {
  explicit identity_world(authenticator_ptr keys)
      : slot(std::make_shared<auth_slot>(auth_slot{std::move(keys)})) {}

  /// Connects with this object; true if the client is let in.
  bool connect(const std::string& auth) {
    const auto document = json::parse(auth, max_json_depth);
    REQUIRE(document);
    arrival arriving;
    const auto refused = who.identify(document->root(), {}, arriving);
    if (!refused) who.become(arriving.named());
    return !refused;
  }
  bool connect_with(const std::string& claims) {
    return connect(R"({"token":")" + token_with(claims) + "\"}");
  }

  timestamp now = identity_noon;
  wall_clock clock = [this] { return now; };
  std::shared_ptr<auth_slot> slot;
  client_identity who{slot, clock};
};

/// Returns the claim `exp` at this time after noon.
std::string expiring(std::chrono::seconds after) {
  return R"("sub":"ann","exp":)" + std::to_string(identity_noon.value / 1'000 + after.count());
}

} // namespace

TEST_CASE("a token says who the client is and until when") {
  identity_world w{test_authenticator()};
  CHECK(w.who->user_id.empty());
  CHECK_FALSE(w.connect("{}"));
  CHECK_FALSE(w.connect(R"({"token":"x"})"));
  REQUIRE(w.connect_with(expiring(60s)));
  CHECK(w.who->user_id == "ann");
  CHECK_FALSE(w.who.expired());
  CHECK(w.who.next_check() == 60s);
  w.now = timestamp{identity_noon.value + 59'999};
  CHECK_FALSE(w.who.expired());
  CHECK(w.who.next_check() == 1ms);
  w.now = timestamp{identity_noon.value + 60'000};
  CHECK(w.who.expired());
  CHECK(w.who.next_check() == 1ms);
}

TEST_CASE("the expiry of a long token is looked at once an hour") {
  identity_world w{test_authenticator()};
  REQUIRE(w.connect_with(expiring(24h)));
  CHECK(w.who.next_check() == 1h);
  REQUIRE(w.connect_with(R"("sub":"ann")"));
  CHECK_FALSE(w.who.next_check());
  CHECK_FALSE(w.who.expired());
}

TEST_CASE("a newer token of the same user replaces the rights, any other leaves them") {
  identity_world w{test_authenticator()};
  REQUIRE(w.connect_with(expiring(60s)));
  const auto rights = w.who->access;
  CHECK(w.who.renew(std::nullopt).error().code == error_code::unauthorized);
  CHECK(w.who.renew("x").error().code == error_code::unauthorized);
  CHECK(w.who.renew(token_with(R"("sub":"ben")")).error().code == error_code::forbidden);
  CHECK(w.who->access == rights);
  const auto before = w.who.renew(token_with(expiring(90s)));
  REQUIRE(before);
  CHECK(*before == rights);
  CHECK(w.who.next_check() == 90s);
}

TEST_CASE("a token changes no rights that the program around the chat gave") {
  identity_world w{test_authenticator()};
  REQUIRE(w.connect_with(expiring(60s)));
  w.who.become(w.who.current(), true);
  CHECK(w.who.renew(token_with(expiring(90s))).error().code == error_code::forbidden);
  CHECK(w.who.next_check() == 60s);
}

TEST_CASE("in open mode a client names itself, or is a guest") {
  identity_world w{open_authenticator()};
  CHECK_FALSE(w.connect(R"({"username":7})"));
  REQUIRE(w.connect("{}"));
  CHECK(w.who->user_id.empty());
  w.who.take_name(std::nullopt);
  CHECK(w.who->user_id.starts_with("guest-"));
  CHECK(w.who->username == w.who->user_id);
  w.who.take_name("ann");
  CHECK(w.who->user_id == "ann");
  CHECK(w.who.renew("x").error().code == error_code::forbidden);
  CHECK_FALSE(w.who.next_check());
}

} // namespace hubbub::test
