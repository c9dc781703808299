// A room that a recoverable session has left or lost does not come back to it.
#include "actors/crypto/recovery_seal.hpp"
#include "actors/room/room.hpp"
#include "actors/room/room_lease.hpp"
#include "tests/actors/proven_world.hpp"

#include <memory>
#include <span>
#include <string>
#include <utility>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

constexpr auto join_quietly = R"(427["join_room",{"room":"lobby","history":0}])";
constexpr auto ask_to_leave = R"(428["leave_room","lobby"])";
constexpr auto say_something = R"(425["send_message",{"room":"lobby","content":"hi"}])";
constexpr auto storage_full =
    R"({"ok":false,"error":{"code":"storage_error","message":"the disk of the server is full"}})";
constexpr auto kicked = R"(42["kicked",{"room_id":1,"room":"lobby","by":null)";
constexpr auto lost_by_root = R"(42["kicked",{"room_id":1,"room":"lobby","by":"root")";

/// A store that cannot end memberships or resume sessions while `is_full`.
struct full_store : store_writer {
  full_store(std::unique_ptr<store_writer> real, std::shared_ptr<bool> is_full,
             std::shared_ptr<int> resumes)
      : real_(std::move(real)), is_full_(std::move(is_full)), resumes_(std::move(resumes)) {}
  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) override {
    for (const auto& op : ops)
      if (std::holds_alternative<op::resume_recoverable>(op)) ++*resumes_;
    for (const auto& op : ops)
      if (*is_full_ && (std::holds_alternative<op::leave_recoverable>(op) ||
                        std::holds_alternative<op::resume_recoverable>(op)))
        return std::vector<write_outcome>(ops.size(), store_error::full);
    return real_->commit(ops, now);
  }
  bool purge(timestamp now) override { return real_->purge(now); }
  void stop_writing() override { real_->stop_writing(); }

  std::unique_ptr<store_writer> real_;
  std::shared_ptr<bool> is_full_;
  std::shared_ptr<int> resumes_;
};

/// Only proven users are on a roster.
struct losing_world : proven_world {
  explicit losing_world(std::shared_ptr<bool> full = std::make_shared<bool>(false),
                        std::shared_ptr<int> tried = std::make_shared<int>(0))
      : proven_world(with(full, tried)), is_full(std::move(full)), resumes(std::move(tried)) {}

  static world_options with(const std::shared_ptr<bool>& full,
                            const std::shared_ptr<int>& tried) {
    world_options options;
    options.wrap_writer = [full, tried](std::unique_ptr<store_writer> real) {
      return std::make_unique<full_store>(std::move(real), full, tried);
    };
    return options;
  }

  void order(room_moderation what) {
    const auto found = ask<resolve_outcome>(directory, resolve_room{"lobby", true, "olga"});
    REQUIRE(found);
    REQUIRE(ask<call_outcome>((*found)->room(), order_of(root(), std::move(what))));
  }
  void put(const std::string& user) {
    order(command::put_standing{{}, standing_kind::member, user, std::nullopt, {}});
  }
  void lift(const std::string& user) {
    order(command::lift_standing{{}, standing_kind::member, user});
  }
  void set_private(bool is_private) {
    order(command::configure_room{{}, is_private, std::nullopt});
  }

  client& recoverable_member(const std::string& name, std::string& pid) {
    texts came;
    auto& who = come(name, pid, came);
    REQUIRE(any_has(who.ask(join_quietly), "\"ok\":true"));
    return who;
  }

  std::shared_ptr<bool> is_full;
  std::shared_ptr<int> resumes; ///< how often the store was asked to resume a session
};

TEST_CASE("a room that was lost is not given back to who is let in again") {
  losing_world world;
  world.put("ann");
  const bool by_roster = GENERATE(false, true);
  if (by_roster) {
    world.put("bob");
    world.set_private(true);
  }
  auto& ann = world.enter("ann");
  std::string pid;
  auto& bob = world.recoverable_member("bob", pid);
  const bool is_away = GENERATE(false, true);
  if (is_away) world.lose(bob);
  if (by_roster)
    world.lift("bob");
  else
    world.set_private(true);
  if (!is_away) {
    CHECK(any_has(bob.take(), lost_by_root));
    world.lose(bob);
  }
  (void)ann.ask(say_something);
  const bool on_roster = GENERATE(false, true);
  if (on_roster)
    world.put("bob");
  else
    world.set_private(false);

  const auto before = pid;
  texts came;
  auto& again = world.come("bob", pid, came);
  CHECK(pid == before);
  CHECK(any_has(came, kicked) == is_away); // who was there knows
  CHECK_FALSE(any_has(came, "new_message"));
  CHECK(world.users_in(room_id{1}) == 1);
  CHECK(any_has(again.ask(say_something), not_a_member));
  (void)ann.ask(say_something);
  CHECK(again.take().empty());

  // It is told so once, and a join makes it a member like any other.
  CHECK(any_has(again.ask(join_quietly), "\"ok\":true"));
  world.lose(again);
  (void)ann.ask(say_something);
  (void)world.come("bob", pid, came);
  CHECK_FALSE(any_has(came, kicked));
  CHECK(any_has(came, R"("seq":3)"));
  CHECK_FALSE(any_has(came, R"("seq":2)"));
  CHECK(world.users_in(room_id{1}) == 2);
}

TEST_CASE("a room that is lost while a session returns is not given back") {
  losing_world world;
  auto& ann = world.enter("ann");
  world.put("ann");
  std::string pid;
  world.lose(world.recoverable_member("bob", pid));
  (void)ann.ask(say_something);
  auto& again = world.open();
  again.send(R"(40{"recover":true,)" + world.auth_of("bob") + R"(,"pid":")" + pid + "\"}");
  while (again.connection().frames.empty()) // until the claim is granted
    REQUIRE(world.step());
  world.hold(world.reader);
  world.run(); // the room's own read waits
  world.set_private(true);
  world.set_private(false);
  world.release_all();
  world.run();
  const auto heard = again.take();
  CHECK(any_has(heard, "kicked"));
  CHECK_FALSE(any_has(heard, "new_message"));
  CHECK(world.users_in(room_id{1}) == 1);
}

TEST_CASE("who stays when a room becomes private gets it back") {
  losing_world world;
  world.put("bob");
  auto& ann = world.enter("ann");
  std::string pid;
  auto& bob = world.recoverable_member("bob", pid);
  const bool is_away = GENERATE(false, true);
  if (is_away) world.lose(bob);
  world.set_private(true);
  world.set_private(false);
  if (!is_away) world.lose(bob);
  REQUIRE(any_has(ann.ask(join_quietly), "\"ok\":true"));
  (void)ann.ask(say_something);
  texts came;
  (void)world.come("bob", pid, came);
  CHECK_FALSE(any_has(came, "kicked"));
  CHECK(any_has(came, R"("content":"hi")"));
  CHECK(world.users_in(room_id{1}) == 2);
}

TEST_CASE("a leave that cannot be stored is refused, and the socket stays in") {
  losing_world world;
  auto& ann = world.enter("ann");
  std::string pid;
  auto& bob = world.recoverable_member("bob", pid);
  (void)ann.take();
  *world.is_full = true;
  CHECK(any_has(bob.ask(ask_to_leave), storage_full));
  CHECK(ann.take().empty());
  CHECK(world.users_in(room_id{1}) == 2);
  (void)ann.ask(say_something);
  CHECK(any_has(bob.take(), "new_message"));
  CHECK(any_has(bob.ask(say_something), "\"ok\":true"));
  (void)ann.take();

  SECTION("so that its end is the end of its membership too") {
    world.lose(bob);
    CHECK(ann.take() == texts{left_lobby("bob", "disconnect", 1)});
    texts came;
    (void)world.come("bob", pid, came);
    CHECK(world.users_in(room_id{1}) == 2);
  }
  SECTION("and leaves when the store can be told again") {
    *world.is_full = false;
    CHECK(bob.ask(ask_to_leave) == texts{R"(438[{"ok":true}])"});
    CHECK(ann.take() == texts{left_lobby("bob", "leave", 1)});
    world.lose(bob);
    texts came;
    (void)world.come("bob", pid, came);
    CHECK(world.users_in(room_id{1}) == 1);
  }
}

TEST_CASE("a room that is being left does not count among those of a socket") {
  world_options options;
  options.settings.limits.rooms_per_socket = 1;
  chat_world world{std::move(options)};
  auto& bob = world.open();
  (void)bob.ask(R"(40{"recover":true,"username":"bob"})");
  REQUIRE(any_has(bob.ask(join_quietly), "\"ok\":true"));
  CHECK(any_has(bob.ask(R"(421["join_room","tea"])"), "limit_exceeded"));
  bob.send(ask_to_leave);
  CHECK(any_has(bob.ask(R"(422["join_room","tea"])"), R"(432[{"ok":true)"));
  CHECK(any_has(bob.ask(join_quietly), "limit_exceeded"));
  // Out and in again, all at once.
  bob.send(R"(423["leave_room","tea"])");
  CHECK(any_has(bob.ask(R"(424["join_room","tea"])"), R"(434[{"ok":true)"));
  CHECK(any_has(bob.ask(join_quietly), "limit_exceeded"));
}

TEST_CASE("a session that was away when its user was muted is told so when it returns") {
  losing_world world;
  auto& ann = world.enter("ann");
  std::string pid;
  world.lose(world.recoverable_member("bob", pid));
  world.order(command::put_standing{{}, standing_kind::mute, "bob", std::nullopt, "too loud"});
  (void)ann.ask(say_something);
  texts came;
  auto& bob = world.come("bob", pid, came);
  REQUIRE(came.size() == 3);
  CHECK(came[1].starts_with(R"(42["new_message",)"));
  CHECK(came[2].starts_with(R"(42["muted",{"room_id":1,"room":"lobby","by":"root",)"
                            R"("reason":"too loud")"));
  CHECK(any_has(bob.ask(say_something), R"("code":"forbidden")"));
}

TEST_CASE("a room that put a socket out is none of its rooms, and may fall asleep") {
  world_options options;
  options.settings.limits.rooms_per_socket = 1;
  proven_world world{std::move(options)};
  const auto call = [&world](call_command what) {
    const auto root = proven_world::root();
    const auto name = std::make_shared<const user>(user{"root", "root", {}, root});
    const auto done =
        world.ask<call_outcome>(world.rooms.front(), room_call{name, std::move(what)});
    INFO((done ? "" : done.error().message));
    REQUIRE(done);
  };
  (void)world.enter("ann").ask(ask_to_leave); // the room is hers
  const bool is_recoverable = GENERATE(false, true);
  std::string pid;
  texts came;
  auto& bob = is_recoverable ? world.come("bob", pid, came) : world.enter("bob");
  world.join(bob);
  const auto how = GENERATE("kicked", "banned", "closed");
  CAPTURE(how, is_recoverable);
  if (how == std::string_view{"kicked"})
    call(command::kick_user{{}, "bob", {}});
  else if (how == std::string_view{"banned"})
    call(command::put_standing{{}, standing_kind::ban, "bob", {}, {}});
  else
    call(command::configure_room{{}, {}, {}, true});
  REQUIRE(any_has(bob.take(), "kicked"));
  if (GENERATE(false, true)) {
    // It says nothing for a while.
    REQUIRE(bob.connection().wake_at);
    CHECK(*bob.connection().wake_at <= std::chrono::steady_clock::now());
    compat::anon_send(bob.session(), session_event{wake_session{}});
    world.run();
    world.advance(10s);
    CHECK(world.rooms_awake() == 0);
  }
  world.join(bob, "tea");
  CHECK(any_has(bob.ask(R"(421["join_room","attic"])"), "limit_exceeded"));
}

TEST_CASE("a membership that the store could not end is ended when it can again") {
  losing_world world;
  auto& ann = world.enter("ann");
  world.put("ann");
  std::string pid;
  world.lose(world.recoverable_member("bob", pid));
  const auto joined = [&] {
    const auto known = world.log().find_recoverable(identity_of(pid).id);
    REQUIRE((known && *known));
    return (*known)->joined.size();
  };
  world.set_private(true);
  *world.is_full = true;
  texts came;
  (void)world.come("bob", pid, came);
  CHECK(any_has(came, kicked));
  CHECK(joined() == 1);
  *world.is_full = false;
  SECTION("at once, if it shows that by another write") {
    (void)ann.ask(say_something);
  }
  SECTION("after a while, if the room has nothing else to write") {
    world.advance(1s);
  }
  CHECK(joined() == 0);
}

TEST_CASE("a recovered session that the store could not resume is resumed when it can again") {
  losing_world world;
  std::string pid;
  world.lose(world.recoverable_member("bob", pid));
  *world.is_full = true;
  texts came;
  auto& bob = world.come("bob", pid, came);
  CHECK(world.users_in(room_id{1}) == 1);
  constexpr auto join_tea = R"(421["join_room","tea"])";
  CHECK(any_has(bob.ask(join_tea), "storage_error"));
  *world.is_full = false;
  world.advance(1'500ms); // the longest pause before another try
  world.run();
  CHECK(any_has(bob.ask(join_tea), "\"ok\":true"));
  const auto known = world.log().find_recoverable(identity_of(pid).id);
  REQUIRE((known && *known));
  CHECK((*known)->joined.size() == 2);
  CHECK_FALSE((*known)->ended_at);
}

TEST_CASE("a session that is recovered again and again is resumed once a try") {
  losing_world world;
  std::string pid;
  world.lose(world.recoverable_member("bob", pid));
  *world.is_full = true;
  texts came;
  for (int i = 0; i < 3; ++i)
    world.lose(world.come("bob", pid, came));
  (void)world.come("bob", pid, came);
  const int before = *world.resumes;
  *world.is_full = false;
  world.advance(1'500ms); // the longest pause before another try
  world.run();
  CHECK(*world.resumes == before + 1);
}

/// A world in which Bob's connection is lost while a request waits for a message that is being
/// stored, and his session continues on another connection.
struct late_world : losing_world {
  explicit late_world(std::string_view request) {
    auto& bob = recoverable_member("bob", pid);
    for (const auto& gate : gates)
      hold(gate);
    bob.send(say_something);
    bob.send(request);
    lose(bob);
    texts came;
    again = &come("bob", pid, came);
    REQUIRE(users_in(room_id{1}) == 1);
  }
  [[nodiscard]] bool is_stored() {
    const auto known = log().find_recoverable(identity_of(pid).id);
    REQUIRE((known && *known));
    return !(*known)->joined.empty();
  }

  std::string pid;
  client* again = nullptr;
};

TEST_CASE("a leave whose connection has ended takes nothing from the next one") {
  late_world world{ask_to_leave};
  world.release_all();
  world.run();
  CHECK(world.users_in(room_id{1}) == 1);
  CHECK(any_has(world.again->ask(say_something), "\"ok\":true"));
  CHECK(world.is_stored());
}

TEST_CASE("a join whose connection has ended brings nothing back that the next one left") {
  late_world world{join_quietly};
  world.again->send(ask_to_leave);
  world.run();
  world.release_all();
  world.run();
  CHECK(any_has(world.again->take(), R"(438[{"ok":true}])"));
  CHECK(world.users_in(room_id{1}) == 0);
  CHECK_FALSE(world.is_stored());
}

} // namespace
} // namespace hubbub::test
