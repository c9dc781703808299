#include "tests/net/embed/hosted_rooms.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace hubbub;
using namespace hubbub::test;

TEST_CASE("an actor posts to a room and reads what was said") {
  hosted_rooms host;
  const auto first = host.must(api::post{"lobby", {"ann", "Ann"}, "  hello  ", ""});
  CHECK(first.content == "hello");
  CHECK(first.room == "lobby");
  CHECK(first.seq == 1);
  CHECK(first.author.id == "ann");
  CHECK(first.author.name == "Ann");
  CHECK(first.created_at > 0);
  host.must(api::post{"lobby", {"bob"}, "and you?", ""});
  const auto page = host.must(api::history{.room = "lobby"});
  REQUIRE(page.messages.size() == 2);
  CHECK(page.messages[0].id == first.id);
  CHECK(page.messages[1].author.name == "bob");
  CHECK_FALSE(page.has_more);
  const auto newest = host.must(api::history{.room = first.room_id, .limit = 1});
  REQUIRE(newest.messages.size() == 1);
  CHECK(newest.messages[0].seq == 2);
  CHECK(newest.has_more);
}

TEST_CASE("an actor changes and deletes messages, but only their author's") {
  hosted_rooms host;
  const auto said = host.must(api::post{"lobby", {"ann"}, "helo", ""});
  const auto mended = host.must(api::edit{"lobby", said.seq, "ann", "hello"});
  CHECK(mended.content == "hello");
  CHECK(mended.rev == 2);
  CHECK(mended.edited_at > 0);
  CHECK(host.fails(api::edit{"lobby", said.seq, "bob", "mine"}) == errc::forbidden);
  const auto gone = host.must(api::erase{"lobby", said.seq, "ann"});
  CHECK(gone.content.empty());
  CHECK(gone.deleted_at > 0);
  CHECK(host.fails(api::edit{"lobby", said.seq, "ann", "back"}) == errc::not_found);
}

TEST_CASE("a second post with the same client_id stores nothing") {
  hosted_rooms host;
  const auto first = host.must(api::post{"lobby", {"ann"}, "once", "a-1"});
  const auto second = host.must(api::post{"lobby", {"ann"}, "twice", "a-1"});
  CHECK(second.id == first.id);
  CHECK(second.content == "once");
  CHECK(host.must(api::history{.room = "lobby"}).messages.size() == 1);
}

TEST_CASE("an actor finds, creates, lists and changes rooms") {
  hosted_rooms host;
  const auto made = host.must(api::create_room{"plans", "ann", true});
  CHECK(made.is_private);
  CHECK(made.owner == "ann");
  CHECK(host.fails(api::create_room{"plans", "", false}) == errc::already_exists);
  CHECK(host.fails(api::find_room{"nowhere"}) == errc::not_found);
  CHECK(host.must(api::find_room{made.id}).name == "plans");
  host.must(api::create_room{"lobby", "", false});
  const auto page = host.must(api::list_rooms{.limit = 1});
  REQUIRE(page.rooms.size() == 1);
  CHECK(page.rooms[0].name == "plans");
  REQUIRE(page.next == made.id);
  const auto rest = host.must(api::list_rooms{.after = page.next});
  REQUIRE(rest.rooms.size() == 1);
  CHECK(rest.rooms[0].name == "lobby");
  CHECK(rest.next == 0);
  CHECK_FALSE(host.must(api::change_room{"plans", "public", ""}).is_private);
  CHECK(host.fails(api::change_room{"plans", "", ""}) == errc::bad_request);
}

TEST_CASE("an actor closes a room, whose members are taken out, and opens it again") {
  hosted_rooms host;
  const auto said = host.must(api::post{"lobby", {"ann"}, "hello", ""});
  const auto bob = host.member("lobby", {"bob"});
  host.grant(bob, 10);
  const auto closed = host.must(api::change_room{.room = "lobby", .state = "closed"});
  CHECK(closed.is_closed);
  CHECK_FALSE(closed.is_private);
  CHECK(host.must(api::members{.room = "lobby"}).total == 0);
  CHECK(host.must(api::find_room{"lobby"}).is_closed);
  CHECK(host.must(api::list_rooms{}).rooms.front().is_closed);
  using kind = api::event_kind;
  const auto changed = host.next().second;
  CHECK(changed.kind == kind::changed);
  CHECK(changed.text == "closed");
  CHECK(host.next().second.kind == kind::moderated);
  CHECK(host.next().second.kind == kind::ended);

  CHECK(host.fails(api::post{"lobby", {"ann"}, "more", ""}) == errc::forbidden);
  CHECK(host.fails(api::edit{"lobby", said.seq, "ann", "more"}) == errc::forbidden);
  CHECK(host.fails(api::erase{"lobby", said.seq, "ann"}) == errc::forbidden);
  CHECK(host.fails(api::subscribe{"lobby", api::from_now(), 0, {"bob"}}) == errc::forbidden);
  CHECK(host.fails(api::broadcast{"lobby", "polled", "[]", false}) == errc::forbidden);
  CHECK(host.fails(api::create_room{"lobby", "", false}) == errc::already_exists);
  CHECK(host.must(api::history{.room = "lobby"}).messages.size() == 1);
  CHECK(host.must(api::search{.text = "hello"}).messages.size() == 1);
  host.observe("lobby", api::from_now(), 10);
  CHECK(host.fails(api::change_room{.room = "lobby", .state = "shut"}) == errc::bad_request);

  CHECK_FALSE(host.must(api::change_room{.room = "lobby", .state = "open"}).is_closed);
  const auto opened = host.next().second;
  CHECK(opened.kind == kind::changed);
  CHECK(opened.text.empty());
  CHECK(host.must(api::post{"lobby", {"ann"}, "more", ""}).seq == 2);
}

TEST_CASE("an actor searches one room or all") {
  hosted_rooms host;
  host.must(api::post{"lobby", {"ann"}, "the quick fox", ""});
  host.must(api::post{"woods", {"bob"}, "a fox sleeps", ""});
  CHECK(host.must(api::search{.text = "fox"}).messages.size() == 2);
  const auto one = host.must(api::search{.room = "woods", .text = "fox"});
  REQUIRE(one.messages.size() == 1);
  CHECK(one.messages[0].room == "woods");
  CHECK(host.fails(api::search{.text = " "}) == errc::bad_request);
}

TEST_CASE("a moderator's orders are in force when they are answered") {
  hosted_rooms host;
  auto troll = host.member("lobby", {"troll", "Troll"});
  CHECK(host.must(api::members{.room = "lobby"}).total == 1);
  const auto mute =
      host.must(api::put_standing{"lobby", {"mute", "troll", "mod", "be quiet", 0, 0}});
  CHECK(mute.kind == "mute");
  CHECK(mute.reason == "be quiet");
  CHECK(mute.at > 0);
  CHECK(host.fails(api::say{troll.id, "loud", ""}) == errc::forbidden);
  CHECK(host.must(api::lift_standing{"lobby", "mute", "troll", "mod"}));
  CHECK(host.must(api::say{troll.id, "sorry", ""}).content == "sorry");
  CHECK(host.must(api::kick{"lobby", "troll", "mod", ""}) == 1);
  CHECK(host.must(api::members{.room = "lobby"}).total == 0);
  CHECK(host.fails(api::say{troll.id, "still here", ""}) == errc::not_found);
  CHECK(host.fails(api::put_standing{"lobby", {"jail", "troll", "mod", "", 0, 0}}) ==
        errc::bad_request);
}

TEST_CASE("requests that no client could make are refused in the same words") {
  hosted_rooms host;
  CHECK(host.fails(api::post{"lobby", {"ann"}, "", ""}) == errc::bad_request);
  CHECK(host.fails(api::post{"lobby", {"ann"}, std::string(4'001, 'x'), ""}) ==
        errc::too_large);
  CHECK(host.fails(api::post{"", {"ann"}, "hello", ""}) == errc::bad_request);
  CHECK(host.fails(api::post{"lobby", {}, "hello", ""}) == errc::bad_request);
  CHECK(host.fails(api::post{"lobby", {"ann\n"}, "hello", ""}) == errc::bad_request);
  CHECK(host.fails(api::history{.room = "lobby", .limit = 201}) == errc::bad_request);
  CHECK(host.fails(api::history{.room = "nowhere"}) == errc::not_found);
  CHECK(host.fails(api::unsubscribe{{99}}) == errc::not_found);
}

TEST_CASE("a gateway answers a ping, and nothing any more once its broker has stopped") {
  hosted_rooms host;
  CHECK(host.must(api::ping{7}) == 7);
  CHECK(host.must(api::ask_online{}).users == 0);
  host.chat.stop();
  CHECK(host.chat.gateway() == nullptr);
}

TEST_CASE("values of the library survive the way to another node") {
  hosted_rooms host;
  api::room_event event;
  event.kind = api::event_kind::gap;
  event.room = "lobby";
  event.at = {3, 4};
  event.what.author = {"ann", "Ann"};
  event.what.content = "hello";
  event.to = 9;
  std::vector<char> bytes;
  caf::binary_serializer out{host.system, bytes};
  REQUIRE_FALSE(out(caf::make_message(api::subscription_id{5}, event)));
  caf::binary_deserializer in{host.system, bytes};
  caf::message back;
  REQUIRE_FALSE(in(back));
  REQUIRE(back.match_elements<api::subscription_id, api::room_event>());
  const auto& copy = back.get_as<api::room_event>(1);
  CHECK(copy.kind == event.kind);
  CHECK(copy.at.rev == 4);
  CHECK(copy.what.author.name == "Ann");
  CHECK(copy.what.content == "hello");
  CHECK(copy.to == 9);
}
