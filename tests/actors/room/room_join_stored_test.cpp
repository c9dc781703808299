// Joins that are stored before they are acked, in rooms that go on meanwhile.
#include "tests/actors/session/recovery_world.hpp"
#include "tests/actors/writer_around.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

/// Counts how often a session's entry into a room is stored.
class counting_writer final : public writer_around {
 public:
  counting_writer(std::unique_ptr<store_writer> real, std::shared_ptr<int> entries)
      : writer_around(std::move(real)), entries_(std::move(entries)) {}

  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) override {
    *entries_ += static_cast<int>(std::ranges::count_if(ops, [](const write_op& each) {
      return std::holds_alternative<op::enter_recoverable>(each);
    }));
    return writer_around::commit(ops, now);
  }

 private:
  std::shared_ptr<int> entries_;
};

/// A room with three messages of Ben's. What he does then is on its way to the store when Ann
/// joins, and is told before her join is.
struct stored_join_world {
  explicit stored_join_world(bool from_store) {
    auto& first = world.member("ben");
    for (const auto* content : {"one", "two", "three"})
      (void)first.ask(R"(421["send_message",{"room":"lobby","content":")" +
                      std::string{content} + "\"}]");
    if (from_store) { // a room that was asleep has nothing in memory
      first.close();
      world.run();
      world.advance(30s);
      REQUIRE(world.rooms_awake() == 0);
    }
    (void)ben.ask(R"(421["join_room",{"room":"lobby","history":0}])");
  }

  static world_options options(const std::shared_ptr<int>& entries) {
    world_options made;
    made.settings.open_edit = true;
    made.wrap_writer = [entries](std::unique_ptr<store_writer> real) {
      return std::make_unique<counting_writer>(std::move(real), entries);
    };
    return made;
  }
  void edit(int seq, const std::string& content) {
    ben.send(R"(42["edit_message",{"room":"lobby","seq":)" + std::to_string(seq) +
             R"(,"content":")" + content + "\"}]");
  }
  void send(const std::string& content) {
    ben.send(R"(42["send_message",{"room":"lobby","content":")" + content + "\"}]");
  }
  /// Lets Ann join, with these options of the join, while the store is busy with what `act`
  /// does; returns what came.
  template <class Act>
  texts join_during(const std::string& how, const Act& act) {
    world.hold(world.writer);
    act();
    world.run();
    CHECK(ann.ask(R"(421["join_room",{"room":"lobby",)" + how + "}]").empty());
    world.release(world.writer);
    world.run();
    return ann.take();
  }
  /// Returns the contents of the messages in an ack.
  static std::string contents(const std::string& ack) {
    const std::string key = R"("content":")";
    std::string found;
    for (auto at = ack.find(key); at != std::string::npos; at = ack.find(key, at)) {
      at += key.size();
      found += ack.substr(at, ack.find('"', at) - at) + " ";
    }
    return found;
  }

  std::shared_ptr<int> entries = std::make_shared<int>();
  recovery_world world{options(entries)};
  kept session;
  client& ben = world.connect("ben");
  client& ann = world.fresh("ann", session);
};

TEST_CASE("a join that is being stored takes what is edited meanwhile, and is stored once") {
  stored_join_world of{GENERATE(false, true)};
  const auto [how, expected] = GENERATE(std::pair{R"("history":50)", "ONE two THREE four "},
                                        std::pair{R"("history":2)", "THREE four "},
                                        std::pair{R"("since":1)", "two THREE four "});
  const auto came = of.join_during(how, [&] {
    of.edit(3, "3");
    of.edit(1, "ONE");
    of.send("four");
    of.edit(3, "THREE");
  });
  REQUIRE(came.size() == 2);
  CHECK(any_has(came, R"("gap":false)"));
  CHECK(of.contents(came[0]) == expected);
  CHECK(is_offset(came[1]));
  CHECK(*of.entries == 1);
  // The seam is where it should be.
  of.edit(1, "last");
  of.world.run();
  CHECK(of.ann.take().size() == 1);
}

TEST_CASE("a join that is being stored takes a deletion and an order that come meanwhile") {
  stored_join_world of{GENERATE(false, true)};
  const auto came = of.join_during(R"("history":50)", [&] {
    of.ben.send(R"(42["delete_message",{"room":"lobby","seq":2}])");
    of.send("four");
  });
  REQUIRE(came.size() == 2);
  CHECK(of.contents(came[0]) == "one  three four ");
  CHECK(*of.entries == 1);
}

TEST_CASE("a join that is being stored while more is changed than is kept reads again") {
  stored_join_world of{GENERATE(false, true)};
  const bool since = GENERATE(false, true);
  const auto came = of.join_during(since ? R"("since":1)" : R"("history":50)", [&] {
    for (int i = 0; i < 250; ++i)
      of.edit(2, "edit" + std::to_string(i));
  });
  REQUIRE(came.size() == 2);
  CHECK(any_has(came, R"("gap":false)"));
  CHECK(of.contents(came[0]) == (since ? "edit249 three " : "one edit249 three "));
  CHECK(*of.entries == 1);
}

TEST_CASE("a stored join whose history cannot be read again is forgotten by the store") {
  stored_join_world of{true};
  of.world.hold(of.world.writer);
  for (int i = 0; i < 250; ++i)
    of.edit(2, "edit" + std::to_string(i));
  of.world.run();
  CHECK(of.ann.ask(R"(421["join_room",{"room":"lobby"}])").empty());
  of.world.hold(of.world.reader);
  of.world.release(of.world.writer);
  of.world.run();
  CHECK(of.ann.take().empty());
  of.world.advance(30s); // too slow
  CHECK(any_has(of.ann.take(), R"("code":"storage_error")"));
  const auto stored = of.world.log().find_recoverable(identity_of(of.session.pid).id);
  REQUIRE(stored);
  REQUIRE(*stored);
  CHECK((*stored)->joined.empty());
}

} // namespace
} // namespace hubbub::test
