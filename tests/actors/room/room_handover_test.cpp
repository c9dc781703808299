// Orders that meet a change of the room's owner which is being stored.
#include "tests/actors/room/moderated_world.hpp"
#include "tests/actors/writer_around.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hubbub::test {
namespace {

/// What happens while a handover is being stored.
struct handover_moment {
  std::function<void()> meanwhile; ///< called once
  bool at_first_part = false;      ///< while the former owner becomes a member, not after that
  bool fails = false;
};

class watched_writer final : public writer_around {
 public:
  watched_writer(std::unique_ptr<store_writer> real, std::shared_ptr<handover_moment> moment)
      : writer_around(std::move(real)), moment_(std::move(moment)) {}

  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) override {
    if (!std::ranges::any_of(ops, [this](const write_op& each) { return is_it(each); }))
      return writer_around::commit(ops, now);
    if (const auto meanwhile = std::exchange(moment_->meanwhile, nullptr)) meanwhile();
    if (moment_->fails)
      return std::vector<write_outcome>(ops.size(), write_outcome{store_error::io});
    return writer_around::commit(ops, now);
  }

 private:
  [[nodiscard]] bool is_it(const write_op& op) const {
    if (moment_->at_first_part) return std::holds_alternative<op::set_standing>(op);
    const auto* change = std::get_if<op::change_room>(&op);
    return change && change->owner;
  }

  std::shared_ptr<handover_moment> moment_;
};

/// Olga's room, with Bob in it, to whom she hands it over.
struct handover_world {
  static world_options options(const std::shared_ptr<handover_moment>& moment) {
    world_options made;
    made.wrap_writer = [moment](std::unique_ptr<store_writer> real) {
      return std::make_unique<watched_writer>(std::move(real), moment);
    };
    return made;
  }
  handover_world() {
    REQUIRE(made);
    (void)bob.take();
  }
  /// Sends this to the room while the handover is being stored.
  void meanwhile(const access_ptr& who, room_command command) const {
    moment->meanwhile = [this, who, command = std::move(command)] {
      moderated_world::request(world.rooms.front(), olga, who, command);
    };
  }
  order_outcome hand_over(std::string to = "bob") {
    return world.order(command::configure_room{{}, std::nullopt, std::move(to)},
                       proven("olga"));
  }

  std::shared_ptr<handover_moment> moment = std::make_shared<handover_moment>();
  moderated_world world{options(moment)};
  order_outcome made = world.set_private(false); ///< makes the room hers
  client& bob = world.member("bob");
  client& olga = world.member("olga");
};

command::put_standing put(standing_kind kind, std::string user) {
  return {{}, kind, std::move(user), std::nullopt, ""};
}

TEST_CASE("nobody is thrown out of a room, or muted there, that becomes theirs just then") {
  handover_world of;
  of.moment->at_first_part = GENERATE(false, true);
  const auto root = proven("root", access_scope::admin);
  SECTION("a ban") {
    of.meanwhile(root, put(standing_kind::ban, "bob"));
  }
  SECTION("a mute") {
    of.meanwhile(root, put(standing_kind::mute, "bob"));
  }
  SECTION("a kick") {
    of.meanwhile(root, command::kick_user{{}, "bob", ""});
  }
  REQUIRE(of.hand_over());
  const auto heard = of.bob.take();
  REQUIRE(heard.size() == 1);
  CHECK(any_has(heard, R"(42["room_updated")"));
  CHECK(any_has(of.olga.take(), forbidden_answer));
  CHECK(any_has(of.bob.ask(R"(421["send_message",{"room":"lobby","content":"hi"}])"),
                R"("ok":true)"));
}

TEST_CASE("whoever hands a room over gives it no order that comes after that") {
  handover_world of;
  const auto olga = proven("olga");
  (void)of.world.member("carl");
  SECTION("a kick") {
    of.meanwhile(olga, command::kick_user{{}, "carl", ""});
  }
  SECTION("a place on a list") {
    of.meanwhile(olga, put(standing_kind::member, "carl"));
  }
  SECTION("the end of one") {
    of.meanwhile(olga, command::lift_standing{{}, standing_kind::member, "olga"});
  }
  SECTION("the room's privacy") {
    of.meanwhile(olga, command::configure_room{{}, true, std::nullopt});
  }
  SECTION("the room, to somebody else") {
    of.meanwhile(olga, command::configure_room{{}, std::nullopt, "carl"});
  }
  REQUIRE(of.hand_over());
  CHECK(any_has(of.olga.take(), forbidden_answer));
  CHECK(of.world.users_in(room_id{1}) == 3);
  const auto record = of.world.log().find_room(room_id{1});
  REQUIRE(record);
  CHECK(record->owner == "bob");
  CHECK_FALSE(record->is_private);
}

TEST_CASE("orders that wait for a handover are carried out in the order of their session") {
  handover_world of;
  const auto root = proven("root", access_scope::admin);
  of.moment->meanwhile = [&] {
    const auto say = [&](room_command command, std::uint64_t number) {
      moderated_world::request(of.world.rooms.front(), of.olga, root, std::move(command),
                               number);
    };
    say(command::configure_room{{}, {}, "carl"}, 1);
    say(command::kick_user{{}, "carl", ""}, 2);
    say(command::send_message{{"lobby"}, "hi", {}}, 3);
  };
  REQUIRE(of.hand_over());
  auto answers = of.olga.take();
  std::erase_if(answers, [](const auto& each) { return each.starts_with("42"); });
  REQUIRE(answers.size() == 3);
  CHECK(answers[0].starts_with(R"(431[{"ok":true,"room":)"));
  CHECK(answers[0].find(R"("owner":"carl")") != std::string::npos);
  CHECK(answers[1].starts_with(std::string{"432["} + forbidden_answer));
  CHECK(answers[2].starts_with(R"(433[{"ok":true)"));
  // Bob had the room for a moment.
  CHECK(any_has({of.world.put(standing_kind::ban, "bob").value()}, R"("kind":"ban")"));
}

TEST_CASE("an order goes on after a handover that failed") {
  handover_world of;
  of.moment->fails = true;
  of.meanwhile(proven("olga"), put(standing_kind::ban, "bob"));
  CHECK(refused(of.hand_over(), error_code::storage_error));
  CHECK(any_has(of.bob.take(), R"(42["kicked")"));
  CHECK(any_has(of.olga.take(), R"("ok":true)"));
}

TEST_CASE("an order that waits for a handover is answered when the store goes away") {
  handover_world of;
  of.moment->meanwhile = [&] {
    moderated_world::request(of.world.rooms.front(), of.olga, proven("olga"),
                             command::kick_user{{}, "bob", ""});
    of.world.hold(of.world.gates[1]); // that of room 1, by which the outcome comes
  };
  of.world.send_order(command::configure_room{{}, std::nullopt, "bob"});
  of.world.run();
  CHECK(of.olga.take().empty());
  caf::anon_send_exit(of.world.writer, caf::exit_reason::kill);
  of.world.run();
  CHECK(any_has(of.olga.take(), R"("code":"storage_error")"));
  CHECK(of.bob.take().empty());
}

TEST_CASE("orders that wait for a handover count as writes of the room") {
  auto moment = std::make_shared<handover_moment>();
  auto options = handover_world::options(moment);
  options.settings.appends_per_room = 3;
  moderated_world world{std::move(options)};
  REQUIRE(world.set_private(false)); // the room is olga's
  auto& ann = world.member("ann");
  moment->meanwhile = [&] {
    for (int sent = 0; sent < 3; ++sent)
      world.send_order(command::kick_user{{}, "nobody", ""});
    moderated_world::request(world.rooms.front(), ann, proven("root", access_scope::admin),
                             command::kick_user{{}, "nobody", ""});
  };
  REQUIRE(world.order(command::configure_room{{}, std::nullopt, "bob"}, proven("olga")));
  CHECK(any_has(ann.take(), overloaded_answer));
  CHECK(world.order(command::kick_user{{}, "nobody", ""}) == R"({"kicked":0})");
}

} // namespace
} // namespace hubbub::test
