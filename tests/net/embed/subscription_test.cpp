#include "tests/net/embed/hosted_rooms.hpp"
#include "tests/net/raw_client.hpp"
#include "tests/support/catch.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace hubbub;
using namespace hubbub::test;
using api::event_kind;

namespace {

api::user user_named(const std::string& id) {
  return {id, ""};
}

void post(hosted_rooms& host, const std::string& room, const std::string& content) {
  host.must(api::post{room, user_named("ann"), content, ""});
}

/// Returns the contents of the next messages.
std::vector<std::string> next_contents(hosted_rooms& host, std::size_t count) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) {
    const auto event = host.next().second;
    REQUIRE(event.kind == event_kind::message);
    all.push_back(event.what.content);
  }
  return all;
}

using words = std::vector<std::string>;

} // namespace

TEST_CASE("a subscriber hears what is said from now on, in order") {
  hosted_rooms host;
  post(host, "lobby", "before");
  const auto made = host.observe("lobby", api::from_now(), 10);
  CHECK(made.in.name == "lobby");
  CHECK(made.at.seq == 1);
  post(host, "lobby", "one");
  post(host, "lobby", "two");
  CHECK(next_contents(host, 2) == words{"one", "two"});
  const auto edited = host.must(api::edit{"lobby", 2, "ann", "ONE"});
  auto event = host.next().second;
  CHECK(event.kind == event_kind::edited);
  CHECK(event.what.content == "ONE");
  CHECK(event.at.seq == 3); // it does not move back to the message that was changed
  CHECK(event.at.rev == edited.rev);
  host.must(api::erase{"lobby", 2, "ann"});
  event = host.next().second;
  CHECK(event.kind == event_kind::deleted);
  CHECK(event.what.seq == 2);
}

TEST_CASE("a subscriber that begins with the newest messages gets them first") {
  hosted_rooms host;
  for (const auto* each : {"one", "two", "three"})
    post(host, "lobby", each);
  host.observe("lobby", api::from_newest(2), 10);
  CHECK(next_contents(host, 2) == words{"two", "three"});
  post(host, "lobby", "four");
  CHECK(next_contents(host, 1) == words{"four"});
}

TEST_CASE("a subscriber goes on where it was, with what was changed meanwhile") {
  hosted_rooms host;
  const auto first = host.observe("lobby", api::from_now(), 10);
  post(host, "lobby", "one");
  const auto at = host.next().second.at;
  host.must(api::unsubscribe{first.id});
  post(host, "lobby", "two");
  host.must(api::edit{"lobby", 1, "ann", "ONE"});
  host.observe("lobby", api::from_after(at), 10);
  CHECK(next_contents(host, 1) == words{"two"});
  const auto event = host.next().second;
  CHECK(event.kind == event_kind::edited);
  CHECK(event.what.content == "ONE");
  post(host, "lobby", "three");
  CHECK(next_contents(host, 1) == words{"three"});
}

TEST_CASE("a subscriber whose position is beyond the end goes on from there") {
  hosted_rooms host;
  post(host, "lobby", "one");
  auto at = host.observe("lobby", api::from_now(), 10).at;
  const bool is_message = GENERATE(true, false);
  (is_message ? at.seq : at.rev) = 1'000'000;
  const auto made = host.observe("lobby", api::from_after(at), 10);
  CHECK(made.at.seq == 1);
  CHECK(made.at.rev == 1);
  post(host, "lobby", "two");
  CHECK(next_contents(host, 2) == words{"two", "two"}); // each of the subscriptions hears it
}

TEST_CASE("a subscriber whose position is beyond the end by its rev alone misses no message") {
  hosted_rooms host;
  post(host, "lobby", "one");
  const auto first = host.observe("lobby", api::from_now(), 10);
  host.must(api::unsubscribe{first.id});
  for (const auto* each : {"two", "three"})
    post(host, "lobby", each);
  auto at = first.at;
  at.rev = 1'000'000;
  host.observe("lobby", api::from_after(at), 10);
  post(host, "lobby", "four");
  CHECK(next_contents(host, 3) == words{"two", "three", "four"});
}

TEST_CASE("a subscriber gets no more than it has credit for, and later the rest") {
  hosted_rooms host;
  const auto made = host.observe("lobby", api::from_now(), 0);
  for (const auto* each : {"one", "two", "three", "four"})
    post(host, "lobby", each);
  CHECK_FALSE(host.has_event());
  host.grant(made, 2);
  CHECK(next_contents(host, 2) == words{"one", "two"});
  host.must(api::ping{});
  CHECK_FALSE(host.has_event());
  host.grant(made, 10);
  CHECK(next_contents(host, 2) == words{"three", "four"});
  post(host, "lobby", "five");
  CHECK(next_contents(host, 1) == words{"five"});
}

TEST_CASE("a gap tells of joins and leaves that were lost for want of credit") {
  hosted_rooms host;
  const auto made = host.observe("lobby", api::from_now(), 0);
  const auto bob = host.member("lobby", user_named("bob"));
  post(host, "lobby", "one");
  host.grant(made, 10);
  // The message may still be on its way when the credit comes.
  auto gap = host.next().second;
  if (gap.kind == event_kind::message) {
    CHECK(gap.what.content == "one");
    gap = host.next().second;
  } else {
    CHECK(next_contents(host, 1) == words{"one"});
  }
  CHECK(gap.kind == event_kind::gap);
  CHECK(gap.from == 0);
  CHECK(gap.to == 0);
  host.must(api::unsubscribe{bob.id});
  const auto left = host.next().second;
  CHECK(left.kind == event_kind::left);
  CHECK(left.who.id == "bob");
}

TEST_CASE("a member stands in the list, and is heard; an observer does not") {
  hosted_rooms host;
  const auto watching = host.observe("lobby", api::from_now(), 100);
  CHECK(host.must(api::members{.room = "lobby"}).total == 0);
  const auto bob = host.member("lobby", {"bob", "Bob"});
  const auto list = host.must(api::members{.room = "lobby"});
  REQUIRE(list.members.size() == 1);
  CHECK(list.members[0].who.name == "Bob");
  auto event = host.next().second;
  CHECK(event.kind == event_kind::joined);
  CHECK(event.who.id == "bob");
  CHECK(event.members == 1);
  host.self->send(host.way_in, api::type{bob.id, true});
  event = host.next().second;
  CHECK(event.kind == event_kind::typing);
  CHECK(event.who.name == "Bob");
  CHECK(host.must(api::say{bob.id, "hello", ""}).author.id == "bob");
  CHECK(host.next().second.kind == event_kind::stopped);
  CHECK(next_contents(host, 1) == words{"hello"});
  CHECK(host.fails(api::say{watching.id, "me too", ""}) == errc::not_a_member);
  host.must(api::unsubscribe{bob.id});
  CHECK(host.next().second.kind == event_kind::left);
}

TEST_CASE("a member hears its own words, once and in its place") {
  hosted_rooms host;
  const auto bob = host.member("lobby", user_named("bob"));
  host.grant(bob, 100);
  post(host, "lobby", "one");
  host.must(api::say{bob.id, "two", ""});
  post(host, "lobby", "three");
  CHECK(next_contents(host, 3) == words{"one", "two", "three"});
  host.must(api::ping{});
  CHECK_FALSE(host.has_event());
}

TEST_CASE("words for a subscription whose room is not found yet are refused") {
  hosted_rooms host;
  for (std::uint64_t i = 1; i <= 50; ++i) {
    auto begun = host.self->request(
        host.way_in, host.patience,
        api::subscribe{"room " + std::to_string(i), api::from_now(), 0, user_named("ann")});
    const auto refused = host.fails(api::say{{i}, "too early", ""});
    CHECK((!refused || refused == errc::not_a_member)); // the room may have been faster
    begun.receive(
        [&](const api::subscribed& made) { CHECK(made.id == api::subscription_id{i}); },
        [&](const caf::error& why) { FAIL(host.system.render(why)); });
  }
}

TEST_CASE("a member leaves when its actor dies") {
  hosted_rooms host;
  host.observe("lobby", api::from_now(), 100);
  {
    caf::scoped_actor mortal{host.system};
    mortal
        ->request(host.way_in, hosted_rooms::patience,
                  api::subscribe{"lobby", api::from_now(), 0, user_named("bob")})
        .receive([](const api::subscribed&) {}, [](const caf::error&) { FAIL(); });
    CHECK(host.next().second.kind == event_kind::joined);
  }
  const auto left = host.next().second;
  CHECK(left.kind == event_kind::left);
  CHECK(left.who.id == "bob");
  CHECK(left.text == "disconnect");
  CHECK(host.must(api::members{.room = "lobby"}).total == 0);
}

TEST_CASE("a member that is removed is told, and its subscription ends") {
  hosted_rooms host;
  const auto bob = host.member("lobby", user_named("bob"));
  host.grant(bob, 10);
  host.must(api::put_standing{"lobby", {"ban", "bob", "mod", "", 0, 0}});
  auto event = host.next().second;
  CHECK(event.kind == event_kind::moderated);
  CHECK(event.text == "banned");
  event = host.next().second;
  CHECK(event.kind == event_kind::ended);
  CHECK(host.fails(api::unsubscribe{bob.id}) == errc::not_found);
  CHECK(host.fails(api::subscribe{"lobby", api::from_now(), 0, user_named("bob")}) ==
        errc::forbidden);
}

TEST_CASE("a subscription to a pattern hears of rooms that wake, sleep and wake again") {
  auto settings = hosted_rooms::small();
  settings.room_linger = std::chrono::milliseconds{0};
  hosted_rooms host{settings};
  post(host, "team a", "before");
  host.must(api::subscribe_all{"team *", 100});
  post(host, "team a", "one");
  post(host, "other", "not this");
  post(host, "team b", "first in its room");
  post(host, "team a", "two");
  std::map<std::string, words> heard;
  for (int i = 0; i < 3; ++i) {
    const auto event = host.next().second;
    REQUIRE(event.kind == event_kind::message);
    heard[event.room].push_back(event.what.content);
  }
  CHECK(heard["team a"] == words{"one", "two"});
  CHECK(heard["team b"] == words{"first in its room"});
}

namespace {

/// Spawns an actor that posts so many messages to the lobby at once, as a user of its own. Its
/// numbers are arguments: CAF 0.17 binds a reference to nothing for a function that is spawned
/// without any (detail/init_fun_factory.hpp), which UBSan reports.
void spawn_sender(hosted_rooms& host, int number, int messages) {
  host.system.spawn(
      [way_in = host.way_in](caf::event_based_actor* self, int sender, int count) {
        for (int i = 0; i < count; ++i)
          self->request(way_in, hosted_rooms::patience,
                        api::post{"lobby", user_named("user" + std::to_string(sender)),
                                  std::to_string(i), ""})
              .then([](const api::message&) {});
      },
      number, messages);
}

} // namespace

TEST_CASE("what many say at once, all subscribers hear in one order, whenever they come") {
  auto settings = hosted_rooms::small();
  settings.listen = {"127.0.0.1:0"};
  hosted_rooms host{settings};
  constexpr int senders = 10;
  constexpr int each = 20;
  const auto early = host.observe("lobby", api::from_now(), 1'000);
  const auto stalling = host.observe("lobby", api::from_now(), 3);
  for (int n = 0; n < senders; ++n)
    spawn_sender(host, n, each);
  for (int i = 0; i < each; ++i) { // and others over HTTP
    raw_client client{host.chat.port()};
    client.send("POST /messages HTTP/1.1\r\nHost: x\r\nContent-Length: 34\r\n\r\n"
                R"({"room":"lobby","content":"hello"})");
    CHECK(client.read_response().status == 201);
  }
  const auto late = host.observe("lobby", api::from_after({}), 1'000);
  std::map<api::subscription_id, std::vector<std::int64_t>> heard;
  const auto whole = static_cast<std::size_t>((senders + 1) * each);
  while (heard[early.id].size() < whole || heard[late.id].size() < whole ||
         heard[stalling.id].size() < whole) {
    const auto [id, event] = host.next();
    REQUIRE(event.kind == event_kind::message);
    heard[id].push_back(event.what.seq);
    CHECK(event.at.seq == event.what.seq);
    if (id == stalling.id && heard[id].size() % 3 == 0) host.grant(stalling, 3);
  }
  for (const auto& [id, order] : heard) {
    REQUIRE(order.size() == whole);
    for (std::size_t i = 0; i < whole; ++i)
      CHECK(order[i] == static_cast<std::int64_t>(i + 1));
  }
}

TEST_CASE("a broker that stops tells its subscribers") {
  hosted_rooms host;
  host.observe("lobby", api::from_now(), 0);
  host.chat.stop();
  CHECK(host.next().second.kind == event_kind::ended);
}

TEST_CASE("the last event of a subscription says where another one goes on") {
  hosted_rooms host;
  const auto bob = host.member("lobby", user_named("bob"));
  post(host, "lobby", "one");
  post(host, "lobby", "two");
  host.grant(bob, 1);
  CHECK(next_contents(host, 1) == words{"one"});
  CHECK(host.must(api::kick{"lobby", "bob", "mod", ""}) == 1);
  const auto over = host.next().second;
  REQUIRE(over.kind == event_kind::ended);
  CHECK(over.room == "lobby");
  CHECK(over.at.seq == 1);
  const auto again = host.observe("lobby", api::from_after(over.at), 10);
  CHECK(next_contents(host, 1) == words{"two"});
  host.must(api::unsubscribe{again.id});
  // It was told none of the messages with which it was to begin.
  host.observe("lobby", api::from_newest(1), 0);
  host.chat.stop();
  const auto last = host.next().second;
  REQUIRE(last.kind == event_kind::ended);
  CHECK(last.text == "stopping");
  CHECK(last.at.seq == 1);
}

TEST_CASE("a room that wakes is told to the patterns that it matches, and to no ended one") {
  hosted_rooms host;
  const auto ended = host.must(api::subscribe_all{"team *", 100});
  const auto made = host.must(api::subscribe_all{"team *", 100});
  host.must(api::unsubscribe{ended.id});
  post(host, "team a", "one");
  const auto [id, event] = host.next();
  CHECK(id == made.id);
  CHECK(event.what.content == "one");
  host.must(api::ping{});
  CHECK_FALSE(host.has_event());
}

// What 50 say at once, over sockets and as actors. Release alone, like the test after it.
TEST_CASE("subscribers that join, stall, die and resume hear 50 senders in one order",
          "[.][many]") {
  constexpr int senders = 50;
  constexpr int each = 40;
  constexpr auto whole = static_cast<std::int64_t>(senders) * each;
  auto settings = hosted_rooms::small();
  settings.listen = {"127.0.0.1:0"};
  hosted_rooms host{settings};
  const auto early = host.observe("lobby", api::from_now(), 100'000);
  const auto stalling = host.observe("lobby", api::from_now(), 7);
  std::vector<std::unique_ptr<raw_client>> sockets;
  for (int n = 0; n < senders; n += 2) {
    spawn_sender(host, n, each);
    sockets.push_back(std::make_unique<raw_client>(host.chat.port()));
  }
  for (int i = 0; i < each; ++i)
    for (const auto& socket : sockets) // whose answers wait for the end
      socket->send("POST /messages HTTP/1.1\r\nHost: x\r\nContent-Length: 34\r\n\r\n"
                   R"({"room":"lobby","content":"hello"})");
  // One after the other: each hears some, dies, and the next goes on where it was.
  std::int64_t next_of_mortals = 1;
  api::cursor at;
  while (next_of_mortals < whole) {
    caf::scoped_actor mortal{host.system};
    mortal
        ->request(host.way_in, hosted_rooms::patience,
                  api::subscribe{"lobby", api::from_after(at), 100'000, user_named("mortal")})
        .receive([](const api::subscribed&) {}, [](const caf::error&) { FAIL(); });
    for (int i = 0; i < 300 && next_of_mortals <= whole; ++i)
      mortal->receive(
          [&](api::subscription_id, const api::room_event& event) {
            at = event.at;
            if (event.kind != event_kind::message) return;
            CHECK(event.what.seq == next_of_mortals++);
          },
          caf::after(hosted_rooms::patience) >> [] { FAIL("no event came"); });
  }
  for (const auto& socket : sockets)
    for (int i = 0; i < each; ++i)
      CHECK(socket->read_response().status == 201);
  const auto late = host.observe("lobby", api::from_after({}), 100'000);
  std::map<api::subscription_id, std::int64_t> heard;
  while (heard[early.id] < whole || heard[late.id] < whole || heard[stalling.id] < whole) {
    const auto [id, event] = host.next();
    if (id == stalling.id) host.grant(stalling, 1); // joins and leaves of the mortals count
    if (event.kind == event_kind::message) CHECK(event.what.seq == ++heard[id]);
  }
}

// Slow without optimisation: the release build runs it as a test of its own.
TEST_CASE("one actor has 10,000 subscriptions of 1,000 rooms", "[.][many]") {
  constexpr std::size_t rooms = 1'000;
  constexpr std::size_t each = 10;
  hosted_rooms host;
  std::size_t made = 0;
  for (std::size_t i = 0; i < rooms * each; ++i) {
    host.observe("room " + std::to_string(i % rooms), api::from_now(), 2);
    ++made;
  }
  REQUIRE(made == rooms * each);
  for (std::size_t i = 0; i < rooms; ++i)
    host.must(api::post{"room " + std::to_string(i), user_named("ann"), "hello", ""});
  std::map<api::subscription_id, std::string> heard;
  for (std::size_t i = 0; i < rooms * each; ++i) {
    const auto [id, event] = host.next();
    REQUIRE(event.kind == event_kind::message);
    CHECK(heard.emplace(id, event.room).second);
  }
  CHECK(heard.size() == rooms * each);
}
