// Sessions that return while the store fails, as PostgreSQL does that starts again.
#include "tests/actors/reader_around.hpp"
#include "tests/actors/session/recovery_world.hpp"
#include "tests/actors/writer_around.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

/// What fails in a store, and how often its sessions have been claimed.
struct store_trouble {
  bool no_sessions = false;
  bool no_rooms = false;
  bool no_claims = false;
  bool no_ends = false;
  bool no_gaps = false;           ///< that a session is owed
  bool is_taken = false;          ///< another node claims a session just before
  bool claims_in_silence = false; ///< a claim is stored, and seems to have failed
  std::optional<std::int64_t> claims;
  int claims_tried = 0;
  int looked_up = 0; ///< how often sessions were looked up
  int owing = 0;     ///< how often gaps were to be stored
};

class troubled_reader final : public reader_around {
 public:
  troubled_reader(std::unique_ptr<store_reader> real, std::shared_ptr<store_trouble> trouble)
      : reader_around(std::move(real)), trouble_(std::move(trouble)) {}

  expected<std::optional<recoverable_session>, store_error>
  find_recoverable(recovery_id session) override {
    ++trouble_->looked_up;
    if (trouble_->no_sessions) return unexpected(store_error::io);
    auto found = reader_around::find_recoverable(session);
    if (found && *found) (*found)->claims = trouble_->claims;
    return found;
  }
  expected<room_record, store_error> find_room(room_id id) override {
    if (trouble_->no_rooms) return unexpected(store_error::io);
    return reader_around::find_room(id);
  }

 private:
  std::shared_ptr<store_trouble> trouble_;
};

class troubled_writer final : public writer_around {
 public:
  troubled_writer(std::unique_ptr<store_writer> real, std::shared_ptr<store_trouble> trouble)
      : writer_around(std::move(real)), trouble_(std::move(trouble)) {}

  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) override {
    const bool claims = std::ranges::any_of(ops, [](const write_op& each) {
      const auto* op = std::get_if<op::resume_recoverable>(&each);
      return op && op->claim;
    });
    trouble_->claims_tried += claims ? 1 : 0;
    if (claims && trouble_->is_taken) {
      trouble_->claims = trouble_->claims.value_or(0) + 1;
      return std::vector<write_outcome>(ops.size(), write_outcome{store_error::session_over});
    }
    if (claims && trouble_->claims_in_silence) {
      (void)writer_around::commit(ops, now);
      trouble_->claims = trouble_->claims.value_or(0) + 1;
      return std::vector<write_outcome>(ops.size(), write_outcome{store_error::io});
    }
    const bool ends = std::ranges::any_of(ops, [](const write_op& each) {
      return std::holds_alternative<op::end_recoverable>(each);
    });
    const bool owes = std::ranges::any_of(
        ops, [](const write_op& each) { return std::holds_alternative<op::owe_gaps>(each); });
    trouble_->owing += owes ? 1 : 0;
    if ((claims && trouble_->no_claims) || (ends && trouble_->no_ends) ||
        (owes && trouble_->no_gaps))
      return std::vector<write_outcome>(ops.size(), write_outcome{store_error::io});
    return writer_around::commit(ops, now);
  }

 private:
  std::shared_ptr<store_trouble> trouble_;
};

/// Ann's session is away, and has missed a message.
struct troubled_world {
  troubled_world() {
    auto& ann = world.fresh_member("ann", session);
    ann.close();
    world.run();
    world.post("lobby", "missed");
    world.advance(30s); // the room sleeps
  }

  static world_options options(const std::shared_ptr<store_trouble>& trouble) {
    world_options made;
    made.wrap_reader = [trouble](std::unique_ptr<store_reader> real) {
      return std::make_unique<troubled_reader>(std::move(real), trouble);
    };
    made.wrap_writer = [trouble](std::unique_ptr<store_writer> real) {
      return std::make_unique<troubled_writer>(std::move(real), trouble);
    };
    return made;
  }
  /// Begins to come back. Nothing is answered as long as the store fails.
  client& come_in_vain() {
    auto& who = world.open();
    CHECK(world.come(who, recovery_world::auth_of(session)).empty());
    world.advance(2s);
    CHECK(who.take().empty());
    return who;
  }

  /// Begins to come back to one of several nodes, on which the session cannot be claimed.
  client& come_unclaimed() {
    trouble->claims = 5;
    trouble->no_claims = true;
    return come_in_vain();
  }

  /// Returns what the store has of Ann's session; nothing if it has forgotten it.
  std::optional<recoverable_session> stored() {
    const auto found = world.log().find_recoverable(identity_of(session.pid).id);
    REQUIRE(found);
    return *found;
  }

  std::shared_ptr<store_trouble> trouble = std::make_shared<store_trouble>();
  recovery_world world{options(trouble)};
  kept session;
};

TEST_CASE("a session that returns while the store fails is recovered when it answers again") {
  troubled_world of;
  SECTION("the session cannot be read") {
    of.trouble->no_sessions = true;
  }
  SECTION("its room cannot be read") {
    of.trouble->no_rooms = true;
  }
  SECTION("it cannot be claimed") {
    of.trouble->claims = 5;
    of.trouble->no_claims = true;
  }
  auto& who = of.come_in_vain();
  of.trouble->no_sessions = of.trouble->no_rooms = of.trouble->no_claims = false;
  of.world.advance(300ms); // the longest pause
  const auto came = who.take();
  REQUIRE(is_recovered(came, of.session));
  CHECK(without_offsets({came.begin() + 1, came.end()}) ==
        texts{lobby_event(1, "bot", "missed")});
}

TEST_CASE("many sessions that return while the store fails do not look again all at once") {
  constexpr int many = 300;
  constexpr auto step = 10ms;
  troubled_world of;
  of.trouble->no_sessions = true;
  for (int i = 0; i < many; ++i) {
    const kept lost{{}, "a session of a dead node " + std::to_string(i), {}};
    CHECK(of.world.come(of.world.open(), recovery_world::auth_of(lost)).empty());
  }
  CHECK(std::exchange(of.trouble->looked_up, 0) == many);
  int most = 0;
  int all = 0;
  for (auto passed = step; passed <= 300ms; passed += step) {
    of.world.advance(step);
    const auto now = std::exchange(of.trouble->looked_up, 0);
    if (passed < 100ms) CHECK(now == 0);
    most = std::max(most, now);
    all += now;
  }
  CHECK(all >= many); // each in its time
  CHECK(most < many / 6);
}

TEST_CASE("a session whose store fails for ten seconds begins anew") {
  troubled_world of;
  of.trouble->no_sessions = true;
  auto& who = of.come_in_vain();
  of.world.advance(8s);
  CHECK_FALSE(is_recovered(who.take(), of.session));
}

TEST_CASE("a session that cannot be claimed for ten seconds begins anew") {
  troubled_world of;
  auto& who = of.come_unclaimed();
  of.world.advance(8s);
  const auto came = who.take();
  CHECK_FALSE(is_recovered(came, of.session));
  CHECK(any_has(who.ask(R"(420["join_room",{"room":"lobby"}])"), R"(42["gap",{"room_id":1,)"));
  const auto tried = of.trouble->claims_tried;
  of.world.advance(30s);
  CHECK(of.trouble->claims_tried == tried);
}

TEST_CASE("a session is not claimed for a client that has left") {
  troubled_world of;
  auto& who = of.come_unclaimed();
  who.close();
  of.world.run();
  const auto tried = of.trouble->claims_tried;
  of.trouble->no_claims = false;
  of.world.advance(30s);
  CHECK(of.trouble->claims_tried == tried);
}

TEST_CASE("a session that another node claims first begins anew at once") {
  troubled_world of;
  of.trouble->claims = 5;
  of.trouble->is_taken = true;
  const auto came = of.world.come_back(of.session);
  CHECK_FALSE(is_recovered(came, of.session));
  CHECK(of.trouble->claims_tried == 1);
}

TEST_CASE("an end that the store could not be told is stored once it works again") {
  // More than one round of them, beside those of a client that has left by itself.
  constexpr int many = 250;
  troubled_world of;
  of.trouble->no_ends = true;
  std::vector<kept> broken(many);
  for (int i = 0; i < many; ++i)
    of.world.fresh_member("user" + std::to_string(i), broken[static_cast<std::size_t>(i)])
        .close();
  kept left;
  (void)of.world.fresh_member("ben", left).ask("41");
  of.world.advance(17s);
  const auto find = [&](const kept& session) {
    const auto found = of.world.log().find_recoverable(identity_of(session.pid).id);
    REQUIRE(found);
    return *found;
  };
  REQUIRE(find(left));
  for (const auto& each : broken)
    REQUIRE_FALSE(find(each)->ended_at);
  of.trouble->no_ends = false;
  of.world.advance(1500ms); // the longest pause
  CHECK_FALSE(find(left));
  for (const auto& each : broken)
    CHECK(find(each)->ended_at == noon);
}

TEST_CASE("an end that the store could not be told forbids and ends nothing that came later") {
  troubled_world of;
  auto* ann = of.world.back(of.session).first;
  of.trouble->no_ends = true;
  SECTION("the session is recovered meanwhile") {
    ann->close();
    of.world.advance(5s);
    (void)of.world.back(of.session);
    of.trouble->no_ends = false;
    of.world.advance(10s);
    REQUIRE(of.stored());
    CHECK_FALSE(of.stored()->ended_at);
  }
  SECTION("its client has left by itself, and the session is not given back") {
    (void)ann->ask("41");
    CHECK_FALSE(is_recovered(of.world.come_back(of.session), of.session));
    of.trouble->no_ends = false;
    of.world.advance(1500ms);
    CHECK_FALSE(of.stored());
  }
}

TEST_CASE("a gap that the store could not be told is owed all the same") {
  troubled_world of;
  auto& trouble = *of.trouble;
  trouble.no_sessions = trouble.no_ends = trouble.no_gaps = true;
  auto* who = &of.come_in_vain();
  of.world.advance(8s);
  // It has heard nothing but its new session, so that only the server knows what it is owed.
  const auto turn_out = [&] {
    const auto came = who->take();
    REQUIRE_FALSE(is_recovered(came, of.session));
    of.session = {field(came[0], "sid"), field(came[0], "pid"), ""};
  };
  turn_out();
  SECTION("the session is lost once the store works") {
    trouble = {};
    of.world.advance(1500ms); // the longest pause
    REQUIRE(of.stored());     // as for another node
    CHECK(of.stored()->owed.size() == 1);
    who->close();
  }
  SECTION("its end is stored before the gap") {
    trouble.no_ends = false;
    who->close();
    of.world.run();
    REQUIRE_FALSE(of.stored());
    trouble = {};
    of.world.advance(1500ms);
    REQUIRE(of.stored());
    CHECK(of.stored()->ended_at == noon);
  }
  SECTION("the session and the next one are lost before that") {
    who->close();
    of.world.run();
    who = &of.come_in_vain();
    of.world.advance(8s);
    turn_out();
    who->close();
    of.world.run();
    trouble.no_sessions = false;
  }
  who = &of.world.open();
  CHECK_FALSE(
      is_recovered(of.world.come(*who, recovery_world::auth_of(of.session)), of.session));
  const auto joined = who->ask(R"(421["join_room",{"room":"lobby","history":0}])");
  CHECK(any_has(joined, R"(42["gap",{"room_id":1,"room":"lobby","from_seq":1,"to_seq":1}])"));
}

TEST_CASE("a gap that the store could not be told is not owed to a client that has left") {
  troubled_world of;
  auto& trouble = *of.trouble;
  trouble.no_sessions = trouble.no_gaps = true;
  auto& who = of.come_in_vain();
  SECTION("before it had its new session") {
    who.close();
    of.world.advance(8s);
    CHECK(trouble.owing == 0);
  }
  SECTION("by itself") {
    of.world.advance(8s);
    const auto came = who.take();
    of.session = {field(came[0], "sid"), field(came[0], "pid"), ""};
    (void)who.ask("41");
    trouble = {};
    of.world.advance(1500ms);
    CHECK_FALSE(of.stored());
    auto& again = of.world.open();
    (void)of.world.come(again, recovery_world::auth_of(of.session));
    CHECK_FALSE(
        any_has(again.ask(R"(421["join_room",{"room":"lobby","history":0}])"), R"(42["gap")"));
  }
}

TEST_CASE("a claim that the store takes too late does not leave the session open") {
  troubled_world of;
  of.trouble->claims = 5;
  auto& who = of.world.open();
  who.send("40" + recovery_world::auth_of(of.session));
  of.world.hold(of.world.writer);
  of.world.run();
  of.world.advance(10s); // the store's time
  of.world.advance(10s); // that of the gap that is stored for the fresh session
  of.world.release(of.world.writer);
  of.world.run();
  CHECK_FALSE(is_recovered(who.take(), of.session));
  of.world.advance(1500ms);
  REQUIRE(of.stored());
  CHECK(of.stored()->ended_at == noon);
}

TEST_CASE("a claim that was stored though it seemed to fail does not leave the session open") {
  troubled_world of;
  of.trouble->claims = 5;
  of.trouble->claims_in_silence = true;
  CHECK_FALSE(is_recovered(of.world.come_back(of.session), of.session));
  of.world.advance(1500ms);
  REQUIRE(of.stored());
  CHECK(of.stored()->ended_at == noon);
}

} // namespace
} // namespace hubbub::test
