#include "actors/bridge/bridge_link.hpp"
#include "tests/actors/chat_world.hpp"

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {
namespace {

/// A line of which the test is the other end. Pings come back unless it is deaf.
struct scripted_bridge final : bridge_line {
  struct script {
    bool refuses = false;
    bool is_deaf = false;
    std::optional<bool> claimed;
    std::deque<bridge_catch> to_catch;
    std::vector<std::string> claims;
    int connects = 0;
    int closes = 0;
    std::string lost;
  };
  explicit scripted_bridge(std::shared_ptr<script> with) : s(std::move(with)) {}

  expected<void, std::string> connect(milliseconds) override {
    if (s->refuses) return unexpected(std::string{"refused"});
    ++s->connects;
    return {};
  }
  void close() override { ++s->closes; }
  void ping(std::string_view text) override {
    if (!s->is_deaf) s->to_catch.push_back({{}, {std::string{text}}, {}});
  }
  void claim(const std::string& key, const std::string& owner, milliseconds) override {
    s->claims.push_back(key + " " + owner);
    if (s->claimed) s->to_catch.push_back({{}, {}, s->claimed});
  }
  expected<bridge_catch, std::string> pass(const bus_bell&, milliseconds) override {
    if (!s->lost.empty()) return unexpected(std::exchange(s->lost, {}));
    if (s->to_catch.empty()) return bridge_catch{};
    auto caught = std::move(s->to_catch.front());
    s->to_catch.pop_front();
    return caught;
  }

  std::shared_ptr<script> s;
};

/// A desk that keeps what it gets, and answers when it is told to.
struct kept_events {
  std::vector<bridge_events::entry> all;
  std::vector<std::size_t> portions; ///< how many came together
  bridge_taken answer;
};
struct patient_desk : bridge_desk_actor::base {
  patient_desk(caf::actor_config& config, kept_events* into)
      : bridge_desk_actor::base(config), kept(into) {}
  behavior_type make_behavior() override {
    return {[this](bridge_events& events) {
      kept->portions.push_back(events.all.size());
      for (auto& each : events.all)
        kept->all.push_back(std::move(each));
      return kept->answer;
    }};
  }
  kept_events* kept;
};

struct bridge_world : test_system {
  explicit bridge_world(std::vector<std::string> stored = {}, bool claimed = true) {
    script->claimed = claimed;
    made->line = std::make_unique<scripted_bridge>(script);
    made->stored = std::move(stored);
    made->claim = "key";
    made->own_name = "me";
    made->desk_patience = std::chrono::milliseconds{0};
    made->watch.lost = [this](const std::string& why) { said.push_back("lost: " + why); };
    made->watch.heard = [this](std::chrono::milliseconds) { said.emplace_back("heard"); };
    made->watch.refused = [this](bridge_refusal why, const std::string& name,
                                 const std::string& more) {
      said.push_back(std::string{to_string(why)} + " " + name + more);
    };
    desk = actors().spawn<patient_desk>(&kept);
    bridge = actors().spawn<bridge_link>(made, desk);
    steps();
  }
  ~bridge_world() {
    caf::anon_send_exit(bridge, caf::exit_reason::kill);
    caf::anon_send_exit(desk, caf::exit_reason::kill);
    run();
  }
  /// Lets it pass some times; it goes on for ever.
  void steps(int count = 10) {
    for (int i = 0; i < count; ++i) {
      step();
      hold(bridge);
      run();
      release(bridge);
    }
  }
  void hear(const std::string& channel, const std::string& text) {
    script->to_catch.push_back({{{channel, text}}, {}, {}});
    steps();
  }
  /// Returns what python-socketio publishes as JSON.
  static bus_catch::message emitted(const std::string& event, const std::string& more = {}) {
    return {"socketio", R"({"method":"emit","event":")" + event + "\"" + more + "}"};
  }
  void hear_emit(const std::string& event, const std::string& more = {}) {
    const auto what = emitted(event, more);
    hear(what.channel, what.text);
  }
  bridge_stats stats() {
    caf::scoped_actor self{actors()};
    auto answer = compat::request(&*self, bridge, caf::infinite, ask_bridge_stats{});
    steps();
    bridge_stats found;
    answer.receive([&](const bridge_stats& all) { found = all; }, [](const caf::error&) {});
    return found;
  }
  std::uint64_t refused(bridge_refusal why) {
    return stats().refused[static_cast<std::size_t>(why)];
  }

  std::shared_ptr<bridge_setup> made = std::make_shared<bridge_setup>();
  std::shared_ptr<scripted_bridge::script> script = std::make_shared<scripted_bridge::script>();
  kept_events kept;
  bridge_desk_actor desk;
  bridge_actor bridge;
  texts said;
};

TEST_CASE("a bridge passes on what it can read, and tells what it refuses") {
  bridge_world world;
  CHECK(world.script->claims.empty()); // nothing is stored
  world.hear_emit("news", R"(,"data":1,"room":"r")");
  REQUIRE(world.kept.all.size() == 1);
  CHECK(world.kept.all[0].what.name == "news");
  CHECK_FALSE(world.kept.all[0].is_stored);
  world.hear("flask-socketio", R"({"method":"emit","event":"more"})");
  CHECK(world.kept.all.size() == 2);
  world.hear("socket.io#/#", "\x93\xa1u\x82\xa4type\x02\xa4"
                             "data\x91\xa3"
                             "all\x80");
  REQUIRE(world.kept.all.size() == 3);
  CHECK(world.kept.all[2].what.to_everybody);
  world.hear("socket.io#/#", "{}");
  world.hear("socketio", "nonsense");
  world.hear_emit("new_message");
  world.hear_emit("connect");
  CHECK(world.kept.all.size() == 3);
  CHECK(world.said == texts{"other_kind ", "malformed ", "name new_message", "name connect"});
  CHECK(world.refused(bridge_refusal::name) == 2);
  CHECK(world.stats().passed == 3);
  CHECK(world.stats().is_used);
}

TEST_CASE("a bridge says which events are stored, and whether this node has claimed that") {
  const bool claimed = GENERATE(true, false);
  bridge_world world{{"new_message"}, claimed};
  CHECK(world.script->claims.at(0) == "key me");
  world.hear_emit("new_message");
  world.hear_emit("gap"); // as refused as ever
  REQUIRE(world.kept.all.size() == 1);
  CHECK(world.kept.all[0].is_stored);
  CHECK(world.kept.all[0].is_ours == claimed);
  CHECK(world.stats().passed == 0);
  world.kept.answer = {2, 3, "why"};
  world.hear_emit("new_message");
  CHECK(world.stats().stored == 2);
  CHECK(world.refused(bridge_refusal::not_stored) == 3);
  CHECK(world.said.back() == "not_stored why");
}

TEST_CASE("a bridge drops what the desk cannot take in time") {
  bridge_world world;
  world.hold(world.desk);
  const std::string text = R"(,"data":")" + std::string(900'000, 'x') + "\"";
  for (int i = 0; i < 6; ++i)
    world.hear_emit("long", text);
  CHECK(world.stats().dropped == 2);
  world.release(world.desk);
  world.steps();
  CHECK(world.kept.all.size() == 4);
  world.hear_emit("long", text);
  CHECK(world.kept.all.size() == 5);
  CHECK(world.stats().dropped == 2);
}

TEST_CASE("a bridge hands over in portions what comes at once") {
  bridge_world world;
  bridge_catch much;
  for (std::size_t i = 0; i < 2 * bridge_link::max_portion + 7; ++i)
    much.heard.push_back(bridge_world::emitted("e" + std::to_string(i)));
  world.script->to_catch.push_back(much);
  world.steps();
  CHECK(world.kept.portions ==
        std::vector<std::size_t>{bridge_link::max_portion, bridge_link::max_portion, 7});
  REQUIRE(world.kept.all.size() == much.heard.size());
  for (std::size_t i = 0; i < much.heard.size(); ++i)
    CHECK(world.kept.all[i].what.name == "e" + std::to_string(i));
}

TEST_CASE("a bridge reads no more while the desk is behind, and loses nothing by that") {
  bridge_world world;
  world.made->desk_patience = std::chrono::hours{1};
  const auto pass = [&world] {
    for (int i = 0; i < 20; ++i) {
      world.made->bell->ring(); // it would wait until the desk has answered
      world.steps(1);
    }
  };
  const auto text =
      bridge_world::emitted("long", R"(,"data":")" + std::string(900'000, 'x') + "\"");
  world.hold(world.desk);
  for (int i = 0; i < 6; ++i)
    world.script->to_catch.push_back({{text}, {}, {}});
  pass();
  CHECK(world.kept.all.empty());
  CHECK_FALSE(world.script->to_catch.empty());
  world.release(world.desk);
  pass();
  CHECK(world.kept.all.size() == 6);
  CHECK(world.stats().dropped == 0);
}

TEST_CASE("a bridge that is lost connects again") {
  bridge_world world;
  CHECK(world.stats().connects == 1);
  world.script->lost = "gone";
  world.steps();
  CHECK(world.said.at(0) == "lost: gone");
  CHECK(world.script->closes > 0);
  // It waits for a moment before it tries again.
  for (int i = 0; i < 200 && world.said.size() < 2; ++i)
    world.steps();
  CHECK(world.said == texts{"lost: gone", "heard"});
  CHECK(world.stats().connects == 2);
  CHECK(world.stats().silent == std::chrono::milliseconds{0});
}

} // namespace
} // namespace hubbub::test
