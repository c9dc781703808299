#include "actors/bus/bus_link.hpp"
#include "actors/bus/bus_posts.hpp"
#include "tests/actors/chat_world.hpp"

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {
namespace {

/// A line of which the test is the other end.
struct scripted_line final : bus_line {
  struct script {
    bool refuses = false;
    bool is_open = false;
    bool carries = true; ///< what is published comes back, as over a bus
    std::deque<bus_catch> to_catch;
    std::vector<std::string> orders;
    std::vector<std::pair<std::string, std::string>> published;
    std::string lost;
  };
  explicit scripted_line(std::shared_ptr<script> with) : s(std::move(with)) {}

  expected<void, std::string> connect(milliseconds) override {
    if (s->refuses) return unexpected(std::string{"refused"});
    s->is_open = true;
    s->orders.emplace_back("connect");
    return {};
  }
  void close() override { s->is_open = false; }
  void subscribe(const std::string& channel) override { s->orders.push_back("+" + channel); }
  void unsubscribe(const std::string& channel) override { s->orders.push_back("-" + channel); }
  bool publish(const std::string& channel, std::string_view text) override {
    s->published.emplace_back(channel, text);
    if (s->carries) s->to_catch.push_back({{{channel, std::string{text}}}, {}});
    return true;
  }
  expected<bus_catch, std::string> pass(const bus_bell&, milliseconds) override {
    if (!s->lost.empty()) return unexpected(std::exchange(s->lost, {}));
    if (s->to_catch.empty()) return bus_catch{};
    auto caught = std::move(s->to_catch.front());
    s->to_catch.pop_front();
    return caught;
  }

  std::shared_ptr<script> s;
};

/// Keeps what it is told, as a room and as who looks at logs.
struct notebook {
  std::vector<bus_news> news;
  std::vector<bus_said> said;
  std::vector<room_id> looked;
};
using reader_of_news =
    compat::typed_actor<caf::result<void>(log_moved), caf::result<void>(bus_news),
                        caf::result<void>(bus_said), caf::result<void>(look_at)>;
struct note_taker : reader_of_news::base {
  note_taker(caf::actor_config& config, notebook* into)
      : reader_of_news::base(config), notes(into) {}
  behavior_type make_behavior() override {
    return {
        [](const log_moved&) {},
        [this](const bus_news& news) { notes->news.push_back(news); },
        [this](const bus_said& aside) { notes->said.push_back(aside); },
        [this](const look_at& question) {
          for (const auto& [room, who] : question.rooms)
            notes->looked.push_back(room);
        },
    };
  }
  notebook* notes;
};

struct bus_world : test_system {
  bus_world() {
    const auto made = std::make_shared<bus_setup>();
    made->line = std::make_unique<scripted_line>(script);
    made->origin = {1, 11};
    made->secret = secret;
    made->watch = [this](const bus_change& change) {
      said.push_back(change.is_heard ? "heard" : "lost: " + change.why);
    };
    bus = actors().spawn<bus_link>(made);
    taker = actors().spawn<note_taker>(&notes);
    compat::anon_send(bus, head_watcher{taker});
    steps();
  }
  ~bus_world() {
    caf::anon_send_exit(bus, caf::exit_reason::kill);
    caf::anon_send_exit(taker, caf::exit_reason::kill);
    run();
  }
  /// Lets it pass some times, and the others handle what it tells them; it goes on for ever.
  void steps(int count = 10) {
    for (int i = 0; i < count; ++i) {
      step();
      hold(bus);
      run();
      release(bus);
    }
  }
  bus_stats stats() {
    caf::scoped_actor self{actors()};
    auto answer = compat::request(&*self, bus, caf::infinite, ask_bus_stats{});
    steps();
    bus_stats found;
    answer.receive([&](const bus_stats& all) { found = all; }, [](const caf::error&) {});
    return found;
  }
  void subscribe(std::int64_t room) {
    compat::anon_send(bus, bus_subscribe{room_id{room}, log_follower{taker}});
    steps();
  }
  [[nodiscard]] std::string channel(const std::string& name) const {
    return "hubbub:" + bus_seal{secret}.cluster() + ":" + name;
  }
  void confirm(const std::string& name) {
    script->to_catch.push_back({{}, {channel(name)}});
    steps();
  }
  void hear(const std::string& name, const std::string& text) {
    script->to_catch.push_back({{{channel(name), text}}, {}});
    steps();
  }
  /// Returns what node 2 says of the room's entries up to `rev`, the last of them alone.
  [[nodiscard]] std::string from_two(std::int64_t room, std::int64_t rev,
                                     const bus_origin& from = {2, 22}) const {
    message entry;
    entry.id = message_id{rev};
    entry.room = room_id{room};
    entry.seq = sequence{rev};
    entry.rev = revision{rev};
    entry.user_id = entry.username = entry.content = "x";
    const std::vector<const message*> all{&entry};
    return bus_seal{secret}.close(encode_bus_log(from, all));
  }

  recovery_secret secret{7};
  std::shared_ptr<scripted_line::script> script = std::make_shared<scripted_line::script>();
  notebook notes;
  std::vector<std::string> said;
  bus_actor bus;
  reader_of_news taker;
};

TEST_CASE("a node hears itself over the bus and says so") {
  bus_world world;
  CHECK(world.script->orders ==
        std::vector{std::string{"connect"}, "+" + world.channel("all")});
  const auto stats = world.stats();
  CHECK(stats.is_used);
  CHECK(stats.is_heard);
  CHECK(stats.connects == 1);
  REQUIRE_FALSE(world.script->published.empty());
  CHECK(world.script->published.front().first == world.channel("all"));
}

TEST_CASE("a room's log is looked at after its subscription is confirmed, not before") {
  bus_world world;
  world.subscribe(17);
  CHECK(world.script->orders.back() == "+" + world.channel("r:17"));
  CHECK(world.notes.looked.empty());
  CHECK(world.stats().channels == 0);
  world.confirm("r:17");
  CHECK(world.notes.looked == std::vector{room_id{17}});
  CHECK(world.stats().channels == 1);
}

TEST_CASE("a room is given what another node wrote to it, each once and only forward") {
  bus_world world;
  world.subscribe(17);
  world.confirm("r:17");
  world.hear("r:17", world.from_two(17, 8));
  REQUIRE(world.notes.news.size() == 1);
  CHECK(world.notes.news[0].from == revision{7});
  CHECK(world.notes.news[0].part.up_to.rev == revision{8});
  world.hear("r:17", world.from_two(17, 8));
  world.hear("r:17", world.from_two(17, 7));
  CHECK(world.notes.news.size() == 1);
  CHECK(world.stats().stale == 2);
  // What this process said itself is no news, but another run of its node is another node.
  world.hear("r:17", world.from_two(17, 9, {1, 11}));
  CHECK(world.notes.news.size() == 1);
  world.hear("r:17", world.from_two(17, 9, {1, 10}));
  CHECK(world.notes.news.size() == 2);
  CHECK(world.stats().received == 2);
}

TEST_CASE("what the secret has not signed, or belongs elsewhere, is rejected") {
  bus_world world;
  world.subscribe(17);
  world.confirm("r:17");
  const auto good = world.from_two(17, 8);
  world.hear("r:17", "");
  world.hear("r:17", good.substr(16));
  world.hear("r:17", good + " ");
  world.hear("r:17", bus_seal{recovery_secret{8}}.close(good.substr(16)));
  world.hear("r:18", good);
  world.hear("all", good);
  world.hear("r:17", bus_seal{world.secret}.close("{}"));
  CHECK(world.notes.news.empty());
  CHECK(world.stats().rejected == 7);
  world.hear("r:17", good);
  CHECK(world.notes.news.size() == 1);
}

TEST_CASE("what was committed is published to the rooms' channels with a signature") {
  bus_world world;
  compat::anon_send(world.bus, bus_posts{{{room_id{3}, "one"}, {room_id{4}, "two"}}, 5});
  world.steps();
  auto published = world.script->published;
  std::erase_if(published,
                [&](const auto& each) { return each.first == world.channel("all"); });
  REQUIRE(published.size() == 2);
  CHECK(published[0].first == world.channel("r:3"));
  CHECK(bus_seal{world.secret}.open(published[0].second) == "one");
  CHECK(published[1].first == world.channel("r:4"));
  const auto stats = world.stats();
  CHECK(stats.published == 2);
  CHECK(stats.dropped_full == 5);
}

TEST_CASE("what a node says beside the logs goes out numbered, and comes in forward only") {
  bus_world world;
  world.subscribe(17);
  world.confirm("r:17");
  const bus_typing typing{room_id{17}, "ann", "Ann", true};
  compat::anon_send(world.bus, bus_said{typing});
  compat::anon_send(world.bus, bus_said{bus_read{room_id{17}, "ann", sequence{3}}});
  world.steps();
  std::vector<bus_message> out;
  for (const auto& [channel, text] : world.script->published)
    if (channel == world.channel("r:17"))
      out.push_back(*decode_bus_message(*bus_seal{world.secret}.open(text)));
  CHECK(out == std::vector<bus_message>{
                   {{1, 11}, bus_aside{1, typing}},
                   {{1, 11}, bus_aside{2, bus_read{room_id{17}, "ann", sequence{3}}}},
               });
  CHECK(world.notes.said.empty()); // it hears itself, and does not listen
  const auto say = [&](std::int64_t run, std::int64_t number) {
    world.hear("r:17",
               bus_seal{world.secret}.close(encode_bus_aside({2, run}, {number, typing})));
    return world.notes.said.size();
  };
  CHECK(say(22, 5) == 1);
  CHECK(say(22, 5) == 1);
  CHECK(say(22, 4) == 1);
  CHECK(say(22, 7) == 2);
  CHECK(say(23, 1) == 3); // the node has started again
  CHECK(world.stats().stale == 2);
  CHECK(world.stats().received == 3);
  world.hear("r:18", bus_seal{world.secret}.close(encode_bus_aside({2, 23}, {9, typing})));
  CHECK(world.notes.said.size() == 3);
  CHECK(world.stats().rejected == 1);
}

TEST_CASE("after a loss a node subscribes again, looks at every room, and says so") {
  bus_world world;
  world.subscribe(17);
  world.confirm("r:17");
  world.script->refuses = true;
  world.script->lost = "cut";
  world.steps();
  CHECK(world.said == std::vector<std::string>{"lost: cut"});
  CHECK_FALSE(world.script->is_open);
  CHECK_FALSE(world.stats().is_heard);
  CHECK(world.stats().channels == 0);
  compat::anon_send(world.bus, bus_posts{{{room_id{17}, "one"}}, 0});
  world.steps();
  CHECK(world.stats().dropped_down == 1);
  world.script->refuses = false;
  world.script->orders.clear();
  while (!world.stats().is_heard) // it waits a little, on its bell
    world.steps();
  CHECK(world.said.back() == "heard");
  CHECK(world.script->orders == std::vector{std::string{"connect"}, "+" + world.channel("all"),
                                            "+" + world.channel("r:17")});
  CHECK(world.notes.looked.size() == 1);
  world.confirm("r:17");
  CHECK(world.notes.looked.size() == 2);
}

TEST_CASE("a room that ends is heard no more, unless it has woken up again already") {
  bus_world world;
  world.subscribe(17);
  compat::anon_send(world.bus, bus_unsubscribe{room_id{17}, world.taker->id() + 1});
  world.steps();
  world.hear("r:17", world.from_two(17, 8));
  CHECK(world.notes.news.size() == 1);
  compat::anon_send(world.bus, bus_unsubscribe{room_id{17}, world.taker->id()});
  world.steps();
  CHECK(world.script->orders.back() == "-" + world.channel("r:17"));
  world.hear("r:17", world.from_two(17, 9));
  CHECK(world.notes.news.size() == 1);
}

} // namespace
} // namespace hubbub::test
