// Sessions that return while the store fails, as PostgreSQL does that starts again.
#include "tests/actors/reader_around.hpp"
#include "tests/actors/session/recovery_world.hpp"

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
  bool is_taken = false; ///< another node claims a session just before
  std::optional<std::int64_t> claims;
  int claims_tried = 0;
  int looked_up = 0; ///< how often sessions were looked up
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

class troubled_writer final : public store_writer {
 public:
  troubled_writer(std::unique_ptr<store_writer> real, std::shared_ptr<store_trouble> trouble)
      : real_(std::move(real)), trouble_(std::move(trouble)) {}

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
    if (claims && trouble_->no_claims)
      return std::vector<write_outcome>(ops.size(), write_outcome{store_error::io});
    return real_->commit(ops, now);
  }
  std::vector<foreign_part> take_foreign() override { return real_->take_foreign(); }
  bool purge(timestamp now) override { return real_->purge(now); }
  void stop_writing() override { real_->stop_writing(); }

 private:
  std::unique_ptr<store_writer> real_;
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

} // namespace
} // namespace hubbub::test
