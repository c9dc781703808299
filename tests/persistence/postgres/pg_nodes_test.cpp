// Several servers on one PostgreSQL, each a node of its own.
#include "tests/persistence/postgres/pg_node.hpp"
#include "tests/persistence/store_fixture.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace hubbub;
using namespace hubbub::test;

namespace {

template <class Op>
Op known(Op op, std::int64_t seq, std::int64_t rev) {
  op.known = log_point{sequence{seq}, revision{rev}};
  return op;
}

/// Returns the entries that a batch brought, as text: of each part the op that it stands
/// before, then `+` a message or `~` a change, with its content.
std::string brought(opened& db) {
  std::string text;
  for (const auto& each : db.writer().take_foreign()) {
    text += std::to_string(each.before) + ":";
    for (const auto& entry : each.entries.entries)
      text += entry.order ? " !" + entry.order->about.user_id
                          : (entry.is_new ? " +" : " ~") + entry.what.content;
    if (each.entries.has_more) text += " ...";
    text += "; ";
  }
  return text;
}

} // namespace

TEST_CASE("postgres: nodes with numbers of their own share a database") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  CHECK(one.whole().is_shared());
  {
    opened two{node(backend, 2)};
    CHECK(two.whole().secret() == one.whole().secret());
    CHECK_THAT(refusal(node(backend, 2)), Catch::Contains("with the node_id 2"));
    CHECK_THAT(refusal(backend.config()), Catch::Contains("another server uses the database"));
    const auto room = one.create("tea");
    CHECK(failed_with(two.write(op::create_room{"tea"}), store_error::already_exists));
    CHECK(two.reader().find_room("tea")->id == room);
    CHECK(two.create("milk") == room_id{2});
    const auto first = one.append(say(room, "ann", "one")).stored;
    const auto second = two.append(say(room, "bob", "two")).stored;
    CHECK(second.seq == sequence{2});
    CHECK(second.rev == revision{2});
    CHECK(second.id > first.id);
  }
  opened two{node(backend, 2)}; // the number is free again
  CHECK(two.log(room_id{1}).size() == 2);
}

TEST_CASE("postgres: a server without a number wants the database alone") {
  const postgres_backend backend;
  {
    opened alone{backend.config()};
    CHECK_FALSE(alone.whole().is_shared());
    CHECK_THAT(refusal(node(backend, 2)), Catch::Contains("without a node_id"));
  }
  opened two{node(backend, 2)};
  CHECK_THAT(refusal(backend.config()), Catch::Contains("give each server a node_id"));
}

TEST_CASE("postgres: a server that will be refused keeps no node from starting meanwhile") {
  const postgres_backend backend;
  const opened one{node(backend, 1)};
  auto alone = std::async(std::launch::async, [&backend] { return refusal(backend.config()); });
  do {
    const opened two{node(backend, 2)};
  } while (alone.wait_for(std::chrono::seconds{0}) != std::future_status::ready);
  CHECK_THAT(alone.get(), Catch::Contains("give each server a node_id"));
}

TEST_CASE("only servers on a PostgreSQL have numbers") {
  CHECK_THAT(refusal({.path = ":memory:", .node_id = 1}), Catch::Contains("node_id"));
}

TEST_CASE("postgres: a batch brings what other nodes wrote before it") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  const auto room = one.create("tea");
  const auto other = one.create("milk");
  std::ignore = one.append(known(say(room, "ann", "a"), 0, 0));
  CHECK(brought(one).empty());
  SECTION("in front of one append") {
    std::ignore = two.append(known(say(room, "bob", "b"), 0, 0));
    CHECK(brought(two) == "0: +a; ");
    std::ignore = two.write(known(op::edit_message{room, sequence{2}, "bob", "B"}, 0, 0));
    CHECK(brought(two).empty()); // nothing that was told, and nothing of its own
    const auto third = one.append(known(say(room, "ann", "c"), 0, 0)).stored;
    CHECK(third.seq == sequence{3});
    CHECK(third.rev == revision{4});
    CHECK(brought(one) == "0: +B ~B; ");
    CHECK(brought(one).empty()); // once only
    std::ignore = one.append(known(say(room, "ann", "d"), 0, 0));
    CHECK(brought(one).empty());
  }
  SECTION("in front of the first op of each room") {
    std::ignore = two.append(say(room, "bob", "b"));
    std::ignore = two.append(say(other, "bob", "x"));
    std::ignore = two.write(op::delete_message{room, sequence{2}, "bob"});
    std::vector<write_op> ops;
    ops.emplace_back(op::mark_read{room, "ann", sequence{1}});
    ops.emplace_back(known(op::edit_message{room, sequence{1}, "ann", "A"}, 1, 1));
    ops.emplace_back(known(say(room, "ann", "c"), 1, 1));
    ops.emplace_back(known(entering(other, 7), 0, 0));
    const auto outcomes = one.writer().commit(ops, now);
    CHECK(std::get<changed>(outcomes[1]).now.rev == revision{4});
    CHECK(std::get<appended>(outcomes[2]).stored.seq == sequence{3});
    CHECK(std::get<room_position>(outcomes[3]) ==
          room_position{other, sequence{1}, revision{1}});
    CHECK(brought(one) == "1: + ~; 3: +x; "); // a tombstone has no content
  }
  SECTION("also in front of an op that is refused, and of a repeat") {
    std::ignore = two.append(say(room, "bob", "b", "c1"));
    CHECK(failed_with(one.write(known(op::edit_message{room, sequence{2}, "ann", "x"}, 1, 1)),
                      store_error::not_the_author));
    CHECK(brought(one) == "0: +b; ");
    const auto again = one.append(known(say(room, "bob", "b", "c1"), 1, 1));
    CHECK(again.repeated);
    CHECK(again.stored.seq == sequence{2});
    CHECK(brought(one).empty());
  }
  SECTION("from where the room is, if that is later") {
    for (const auto* text : {"b", "c", "d"})
      std::ignore = two.append(say(room, "bob", text));
    std::ignore = one.append(known(say(room, "ann", "e"), 3, 3));
    CHECK(brought(one) == "0: +d; ");
  }
  SECTION("nothing for an op that does not say what it knows") {
    std::ignore = two.append(say(room, "bob", "b"));
    std::ignore = one.append(say(room, "ann", "c"));
    CHECK(brought(one).empty());
  }
}

TEST_CASE("postgres: a room that is far behind is brought up to date in parts") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  const auto room = one.create("tea");
  two.fill(room, 4'500);
  for (const std::size_t size : {2'000U, 2'000U}) {
    CHECK(failed_with(one.write(known(say(room, "ann", "x"), 0, 0)), store_error::busy));
    const auto parts = one.writer().take_foreign();
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].entries.entries.size() == size);
    CHECK(parts[0].entries.has_more);
  }
  CHECK(one.append(known(say(room, "ann", "x"), 0, 0)).stored.seq == sequence{4'501});
  const auto rest = one.writer().take_foreign();
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].entries.entries.size() == 500);
  CHECK(rest[0].entries.up_to == room_position{room, sequence{4'500}, revision{4'500}});
}

TEST_CASE("postgres: one client_id on two nodes at once is one message") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  const auto room = one.create("tea");
  constexpr int times = 100;
  std::vector<appended> answers[2];
  std::vector<std::string> orders[2];
  const auto send = [&](opened& db, std::vector<appended>& heard,
                        std::vector<std::string>& order) {
    for (int i = 0; i < times; ++i) {
      const std::vector<write_op> ops{
          known(say(room, "ann", std::to_string(i), "c" + std::to_string(i)), 0, 0)};
      const auto outcome = db.writer().commit(ops, now);
      for (const auto& part : db.writer().take_foreign())
        for (const auto& each : part.entries.entries)
          order.push_back(each.what.content);
      heard.push_back(std::get<appended>(outcome.front()));
      if (!heard.back().repeated) order.push_back(heard.back().stored.content);
    }
  };
  std::thread other{[&] { send(two, answers[1], orders[1]); }};
  send(one, answers[0], orders[0]);
  other.join();
  const auto log = one.log(room);
  REQUIRE(log.size() == times);
  for (std::size_t i = 0; i < times; ++i) {
    CHECK(answers[0][i].stored == answers[1][i].stored);
    CHECK(answers[0][i].repeated != answers[1][i].repeated);
    CHECK(log[i].seq.value == static_cast<std::int64_t>(i) + 1);
  }
  // Both nodes heard of every message once, in one order.
  CHECK(orders[0].size() == times);
  CHECK(orders[0] == orders[1]);
}

TEST_CASE("postgres: a node that lost its number writes nothing more") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  const auto room = one.create("tea");
  run_sql(backend.config().path, "UPDATE nodes SET epoch = epoch + 1 WHERE node_id = 2");
  CHECK(failed_with(two.write(say(room, "ann", "two")), store_error::io));
  CHECK(one.append(say(room, "ann", "one")).stored.seq == sequence{1});
}

TEST_CASE("postgres: a node ends its own sessions only") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  const auto room = one.create("tea");
  std::ignore = one.write(entering(room, 1));
  {
    opened two{node(backend, 2)};
    std::ignore = two.write(entering(room, 2));
  }
  const auto ended_at = [&](std::int64_t session) {
    return (*one.reader().find_recoverable(recovery_id{session}))->ended_at;
  };
  opened two{node(backend, 2)};
  CHECK_FALSE(ended_at(1));
  CHECK(ended_at(2));
  SECTION("a session that lives on another node now is that node's") {
    std::ignore = two.write(op::resume_recoverable{recovery_id{1}});
    std::ignore = one.write(op::end_recoverable{recovery_id{1}});
    CHECK_FALSE(ended_at(1));
    std::ignore = one.write(op::end_recoverable{recovery_id{1}, true});
    CHECK(two.reader().is_member(recovery_id{1}, room, false).value());
    CHECK(failed_with(one.write(entering(room, 1)), store_error::session_over));
    CHECK(std::holds_alternative<room_position>(two.write(entering(room, 1))));
    std::ignore = two.write(op::end_recoverable{recovery_id{1}});
    CHECK(ended_at(1));
  }
}

TEST_CASE("postgres: an order is an entry of the room's log, which other nodes are brought") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  const auto room = one.create("tea");
  std::ignore = one.append(known(say(room, "ann", "a"), 0, 0));
  const auto given = one.write(known(op::set_standing{room, standing_kind::ban, "bob", "ann",
                                                      timestamp{9'000'000'000'000}, "no"},
                                     1, 1));
  const auto ban = std::get<room_order>(given);
  CHECK(ban.what == order_kind::put);
  CHECK(ban.rev == revision{2});
  CHECK(ban.about.reason == "no");
  CHECK(brought(one).empty());
  const auto head = [&] { return one.reader().find_room(room)->last_rev; };
  CHECK(head() == revision{2});
  SECTION("with a batch, whose message comes after it") {
    CHECK(two.append(known(say(room, "cy", "b"), 0, 0)).stored.rev == revision{3});
    CHECK(brought(two) == "0: +a !bob; ");
  }
  SECTION("a user whom it concerns writes nothing any more") {
    CHECK(
        failed_with(two.write(known(say(room, "bob", "b"), 0, 0)), store_error::not_repeated));
    CHECK(head() == revision{2});
    // Nor what was asked for before, although the order was brought to this node meanwhile.
    std::ignore = two.append(known(say(room, "cy", "c"), 1, 2));
    std::ignore = two.writer().take_foreign();
    CHECK(
        failed_with(two.write(known(say(room, "bob", "b"), 1, 1)), store_error::not_repeated));
    CHECK(two.append(known(say(room, "bob", "b"), 2, 3)).stored.rev == revision{4});
    std::ignore =
        one.write(known(op::drop_standing{room, standing_kind::ban, "bob", "ann"}, 3, 4));
    CHECK(two.append(known(say(room, "bob", "b"), 1, 1)).stored.rev == revision{6});
  }
  SECTION("an order that was given without knowing of it is stale, and does nothing") {
    std::vector<write_op> ops;
    ops.emplace_back(known(op::change_room{room, std::nullopt, "bob", "ann"}, 1, 1));
    ops.emplace_back(known(say(room, "cy", "b"), 1, 1));
    ops.emplace_back(known(op::set_standing{room, standing_kind::mute, "cy", "ann"}, 1, 1));
    ops.emplace_back(known(op::drop_standing{room, standing_kind::ban, "bob", "ann"}, 1, 1));
    ops.emplace_back(known(op::expel_user{room, "cy", "ann"}, 1, 1));
    const auto outcomes = two.writer().commit(ops, now);
    for (const std::size_t i : {0U, 2U, 3U, 4U})
      CHECK(failed_with(outcomes[i], store_error::stale));
    CHECK(std::get<appended>(outcomes[1]).stored.rev == revision{3});
    CHECK(brought(two) == "0: !bob; ");
    CHECK_FALSE(one.reader().find_room(room)->owner);
    CHECK(one.reader().read_standings(room)->size() == 1);
    // It is so although the order was brought to this node meanwhile, until its room knows it.
    CHECK(failed_with(two.write(ops[0]), store_error::stale));
    CHECK(std::get<room_order>(two.write(known(std::get<op::change_room>(ops[0]), 2, 3))).rev ==
          revision{4});
  }
  SECTION("nobody writes into a room that was closed, whatever their node knows") {
    std::ignore =
        one.write(known(op::change_room{room, std::nullopt, std::nullopt, "ann", true}, 1, 2));
    CHECK(failed_with(two.write(known(say(room, "cy", "b"), 1, 1)), store_error::not_repeated));
    CHECK(failed_with(two.write(known(op::delete_message{room, sequence{1}, "ann"}, 1, 1)),
                      store_error::not_repeated));
    CHECK(head() == revision{3});
  }
  SECTION("what a server of an earlier version orders leaves a closed room closed") {
    const auto change = [&](std::optional<bool> is_private, std::optional<bool> is_closed,
                            std::int64_t rev) {
      std::ignore = one.write(
          known(op::change_room{room, is_private, std::nullopt, "ann", is_closed}, 1, rev));
    };
    change(std::nullopt, true, 2);
    change(true, std::nullopt, 3);
    run_sql(backend.config().path, "UPDATE room_orders SET is_closed = NULL WHERE rev = 4");
    const auto part = *two.reader().read_log({room, sequence{1}, revision{3}}, 100);
    REQUIRE(part.entries.size() == 1);
    CHECK(part.entries[0].order->is_private);
    CHECK(part.entries[0].order->is_closed);
    std::ignore = two.write(known(say(room, "cy", "b"), 1, 3));
    const auto foreign = two.writer().take_foreign();
    REQUIRE(foreign.size() == 1);
    REQUIRE(foreign[0].entries.entries.size() == 1);
    CHECK(foreign[0].entries.entries[0].order == part.entries[0].order);
  }
  SECTION("all kinds are read as they were given") {
    const auto lifted = std::get<room_order>(
        two.write(known(op::drop_standing{room, standing_kind::ban, "bob", "cy"}, 1, 2)));
    const auto kicked =
        std::get<room_order>(two.write(known(op::expel_user{room, "dee", "cy", "out"}, 1, 3)));
    const auto configured =
        std::get<room_order>(two.write(known(op::change_room{room, true, "eve", "cy"}, 1, 4)));
    CHECK(configured.is_private);
    CHECK(configured.owner == "eve");
    const auto change = [&](op::change_room op, std::int64_t rev) {
      return std::get<room_order>(two.write(known(std::move(op), 1, rev)));
    };
    const auto closed = change({room, false, std::nullopt, "cy", true}, 5);
    CHECK(closed.is_closed);
    CHECK_FALSE(closed.is_private);
    const auto both = change({room, true, std::nullopt, "cy"}, 6);
    CHECK(both.is_closed);
    CHECK(both.is_private);
    const auto opened = change({room, std::nullopt, std::nullopt, "cy", false}, 7);
    CHECK_FALSE(opened.is_closed);
    const auto part = *one.reader().read_log({room, sequence{1}, revision{1}}, 100);
    REQUIRE(part.entries.size() == 7);
    CHECK(part.entries[0].order == ban);
    CHECK(part.entries[1].order == lifted);
    CHECK(part.entries[2].order == kicked);
    CHECK(part.entries[3].order == configured);
    CHECK(part.entries[4].order == closed);
    CHECK(part.entries[5].order == both);
    CHECK(part.entries[6].order == opened);
    CHECK(part.up_to.rev == revision{8});
    const auto first = *one.reader().read_log({room, sequence{1}, revision{1}}, 1);
    CHECK(first.entries.size() == 1);
    CHECK(first.has_more);
    CHECK(two.append(known(say(room, "ann", "b"), 1, 8)).stored.rev == revision{9});
    CHECK(one.append(known(say(room, "ann", "c"), 1, 1)).stored.seq == sequence{3});
    CHECK(brought(one) == "0: !bob !dee ! ! ! ! +b; ");
  }
}

TEST_CASE("postgres: of several nodes that claim a session one gets it") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  opened three{node(backend, 3)};
  const auto room = one.create("tea");
  std::ignore = one.write(entering(room, 7));
  const auto claims = [&](opened& db) {
    return (*db.reader().find_recoverable(recovery_id{7}))->claims;
  };
  CHECK(claims(two) == 0);
  CHECK(claims(three) == 0);
  const op::resume_recoverable claim{recovery_id{7}, 0};
  CHECK(std::holds_alternative<noted>(two.write(claim)));
  CHECK(failed_with(three.write(claim), store_error::session_over));
  CHECK(claims(one) == 1);
  // What the first node has to say about it comes too late.
  std::ignore = one.write(op::end_recoverable{recovery_id{7}, true});
  CHECK(failed_with(one.write(entering(room, 7)), store_error::session_over));
  const auto session = *two.reader().find_recoverable(recovery_id{7});
  REQUIRE(session);
  CHECK_FALSE(session->ended_at);
  CHECK(session->joined.size() == 1);
  CHECK(std::holds_alternative<noted>(three.write(op::resume_recoverable{recovery_id{7}, 1})));
  CHECK(failed_with(three.write(op::resume_recoverable{recovery_id{8}, 0}),
                    store_error::session_over));
}

TEST_CASE("postgres: nodes that claim the same sessions at once never get one twice") {
  const postgres_backend backend;
  opened one{node(backend, 1)};
  opened two{node(backend, 2)};
  const auto room = one.create("tea");
  constexpr std::int64_t sessions = 50;
  for (std::int64_t i = 1; i <= sessions; ++i)
    std::ignore = one.write(entering(room, i));
  std::array<std::vector<bool>, 2> got;
  const auto claim_all = [&](opened& db, std::vector<bool>& into) {
    for (std::int64_t i = 1; i <= sessions; ++i)
      into.push_back(
          std::holds_alternative<noted>(db.write(op::resume_recoverable{recovery_id{i}, 0})));
  };
  std::thread other{[&] { claim_all(two, got[1]); }};
  claim_all(one, got[0]);
  other.join();
  for (std::size_t i = 0; i < sessions; ++i)
    CHECK(got[0][i] != got[1][i]);
}
