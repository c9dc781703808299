#include "actors/room/room.hpp"
#include "actors/room/room_lease.hpp"
#include "tests/actors/chat_world.hpp"
#include "tests/actors/simulated_client.hpp"
#include "tests/actors/simulated_node.hpp"
#include "tests/actors/simulated_seeds.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// Random clients, random faults and a random order of everything whose order is not fixed.
// HUBBUB_SIMULATION_SEEDS runs more than the usual number, from HUBBUB_SIMULATION_FIRST on;
// HUBBUB_SIMULATION_SEED replays one and prints what was said.
namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t usual_seeds = 300;
constexpr std::uint64_t usual_seeds_of_two_nodes = 100;
constexpr std::uint64_t usual_seeds_with_a_bus = 60;
constexpr std::size_t clients_at_once = 6;
constexpr int turns = 250;

class simulation {
 public:
  simulation(std::uint64_t seed, std::size_t nodes, std::shared_ptr<lossy_air> air)
      : random_(seed), seed_(seed), air_(std::move(air)),
        threads_(options_for(seed, nullptr, nullptr).threads) {
    const auto shared = nodes > 1 ? std::make_shared<shared_log>() : nullptr;
    while (nodes_.size() < nodes)
      nodes_.push_back(std::make_unique<simulated_node>(seed, shared, air_));
  }
  ~simulation() = default;
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  void run() {
    for (int i = 0; i < turns; ++i)
      turn();
    settle();
    advance(6s); // typing ends
    settle();
    check_members();
    for (auto& each : clients_)
      each->close(close_reason::transport_error);
    for (const auto& node : nodes_) {
      node->world.run();
      for (std::int64_t id = 1; id <= 3; ++id)
        require(node->world.users_in(room_id{id}) == 0, "somebody is left in a room");
    }
    // A room may be told to stay, and retries what it could not store.
    for (int i = 0; i < 12; ++i)
      advance(2s);
    for (const auto& node : nodes_)
      require(node->world.rooms_awake() == 0, "a room does not retire");
    check_log();
  }

 private:
  struct repeatable {
    std::string user, room, content, client_id;
  };

  std::uint64_t dice(std::uint64_t sides) { return random_() % sides; }

  static void require(bool holds, const char* what) {
    if (!holds) throw std::runtime_error{what};
  }

  [[nodiscard]] bool is_shared() const { return nodes_.size() > 1; }
  [[nodiscard]] store_reader& log() { return nodes_.front()->world.log(); }
  simulated_node& any_node() { return *nodes_[is_shared() ? dice(nodes_.size()) : 0]; }
  simulated_node& home_of(const simulated_client& who) { return *homes_.at(&who); }

  /// Handles one message of one actor, or carries one over the bus; false if there is none.
  bool step() {
    if (air_ && dice(4) == 0 && air_->carry(random_)) return true;
    return step_of_a_node() || (air_ && air_->carry(random_));
  }
  bool step_of_a_node() {
    auto& node = any_node();
    return node.world.step(random_) || std::ranges::any_of(nodes_, [this](const auto& each) {
             return each->world.step(random_);
           });
  }
  void advance(std::chrono::milliseconds time) {
    for (const auto& node : nodes_)
      node->world.advance(time);
  }

  void turn() {
    if (clients_.size() < crowd() && dice(4) == 0) return arrive();
    if (!clients_.empty() && dice(2) == 0) return act(*clients_[dice(clients_.size())]);
    if (dice(is_lonely(seed_) ? 6 : 20) == 0) {
      any_node().world.scheduler().advance_time(std::chrono::milliseconds{dice(3'000)});
      return;
    }
    if (dice(120) == 0) return pass_window();
    for (auto steps = dice(30); steps > 0 && step(); --steps)
      look();
  }

  [[nodiscard]] std::size_t crowd() const { return is_lonely(seed_) ? 2 : clients_at_once; }

  /// Returns how many acts of a client there are for each connection that is lost.
  [[nodiscard]] std::uint64_t steadiness() const { return seed_ % 4 < 2 ? 8 : 40; }

  void arrive() {
    // Only its author may edit a message, so editors are all one user.
    auto user = std::string(1, static_cast<char>('a' + dice(has_editors(seed_) ? 1 : 3)));
    const client_habits habits{dice(3) > 0, dice(2) == 0, has_large_rooms(seed_),
                               has_failing_store(seed_), is_shared()};
    auto& home = any_node();
    clients_.push_back(
        std::make_unique<simulated_client>(connection(home), std::move(user), log(), habits));
    homes_[clients_.back().get()] = &home;
  }

  /// Lets the recovery window pass. Clients that are away, or on their way back, come too late.
  /// If the store fails at times, it may not know that a client has come back since.
  void pass_window() {
    for (const auto& node : nodes_)
      node->world.wall_time.value +=
          options_for(seed_, nullptr, nullptr).settings.recovery_window.count() + 1;
    for (auto& each : clients_)
      if (each->away() || !each->connected() || has_failing_store(seed_)) each->overstay();
  }

  client& connection(simulated_node& node) {
    return node.world.open(static_cast<std::uint32_t>(dice(threads_)));
  }

  void act(simulated_client& who) {
    if (who.away()) return dice(6) == 0 ? who.come_back(connection(home_of(who))) : void();
    // The connection may be lost again before the client has heard of its return.
    if (who.recoverable() && dice(who.connected() ? steadiness() : 6) == 0)
      return drop(who, 12);
    if (!who.connected()) return;
    const auto room = "r" + std::to_string(dice(3));
    if (has_editors(seed_) && dice(3) == 0) return edit(who, room);
    switch (dice(26)) {
    case 0:
    case 1:
    case 2:
    case 3: return join(who, room);
    case 4: return who.leave(room);
    case 5: return who.type(room, dice(3) > 0);
    case 6: return who.read(room);
    case 7: return who.list(room);
    case 8: return post(room);
    case 9: return repeat(who);
    case 10:
    case 11: return edit(who, room);
    case 12: return remove(who, room);
    case 13:
    case 14: return who.mark(room, static_cast<std::int64_t>(dice(4)) - 2);
    case 15:
      if (dice(4) == 0) return leave_for_good(who);
      if (dice(2) == 0) return who.reconnect();
      if (!who.recoverable()) return;
      if (dice(2) == 0) return who.deafen();
      return drop(who, 6);
    default: return say(who, room);
    }
  }

  // Dice are thrown one after the other, so that a seed is the same with every compiler.
  void drop(simulated_client& who, std::uint64_t sides) {
    const bool noticed = dice(2) == 0;
    who.drop(dice(sides), noticed);
  }
  void edit(simulated_client& who, const std::string& room) {
    const bool acked = dice(3) > 0;
    who.edit(room, dice(64), mark(), acked);
  }
  void remove(simulated_client& who, const std::string& room) {
    const bool acked = dice(3) > 0;
    who.remove(room, dice(64), acked);
  }
  void join(simulated_client& who, const std::string& room) {
    const auto history = static_cast<std::int64_t>(dice(10));
    if (dice(2) == 0) return who.join(room, history, std::nullopt);
    who.join(room, history, who.position(room) + static_cast<std::int64_t>(dice(3)));
  }

  void say(simulated_client& who, const std::string& room) {
    const auto content = "m" + std::to_string(++said_);
    const bool with_id = dice(3) == 0;
    const auto client_id = with_id ? "c" + content : std::string{};
    if (with_id) repeatables_.push_back({who.user(), room, content, client_id});
    who.say(room, content, client_id, dice(3) > 0);
  }

  /// Returns an addition to the original content that makes every edit unique.
  std::string mark() { return simulated_client::edit_mark + std::to_string(++edits_); }

  void repeat(simulated_client& who) {
    for (const auto& each : repeatables_)
      if (each.user == who.user() && dice(4) == 0)
        return who.say(each.room, each.content, each.client_id, dice(3) > 0);
  }

  void post(const std::string& name) {
    compat::anon_send(any_node().posts, resolve_room{name, false},
                      post_of("web", "m" + std::to_string(++said_)));
  }

  void leave_for_good(simulated_client& who) {
    remember(who);
    who.close(dice(2) == 0 ? close_reason::ping_timeout : close_reason::client_close);
    homes_.erase(&who);
    std::erase_if(clients_, [&](const auto& each) { return each.get() == &who; });
  }

  void remember(const simulated_client& who) {
    acked_.insert(who.acked().begin(), who.acked().end());
  }

  /// Has some clients read what has come. The others read it late, so that a connection may be
  /// lost in the middle of it.
  void look() {
    for (auto& each : clients_)
      if (dice(6) == 0) each->look();
  }

  void settle() {
    for (auto& each : clients_)
      if (each->deaf()) each->drop(0, dice(2) == 0);
    do {
      for (auto& each : clients_)
        if (each->away()) each->come_back(connection(home_of(*each)));
      look_until_quiet();
      if (!is_shared()) continue;
      for (const auto& node : nodes_) // the head poll
        node->world.scheduler().advance_time(1s);
      look_until_quiet();
    } while (std::ranges::any_of(clients_, [](const auto& each) { return each->away(); }));
    for (auto& each : clients_)
      each->check_quiet();
  }

  void look_until_quiet() {
    do
      for (auto& each : clients_)
        each->look();
    while (step());
  }

  /// Checks that each node's directory counts the users that its clients believe to be there.
  void check_members() {
    for (const auto& node : nodes_)
      for (std::int64_t id = 1; id <= 3; ++id)
        if (const auto room = log().find_room(room_id{id})) check_members(*node, *room);
  }
  void check_members(simulated_node& node, const room_record& room) {
    std::set<std::string> users;
    for (const auto& each : clients_)
      if (&home_of(*each) == &node && each->is_in(room.name)) users.insert(each->user());
    require(node.world.users_in(room.id) == std::ssize(users), "ghosts in a room");
    for (const auto& each : clients_)
      if (&home_of(*each) == &node) each->check_users_are(room.name, users);
  }

  /// Checks that each message was stored once, and that all acked ones were stored.
  void check_log() {
    for (const auto& each : clients_)
      remember(*each);
    std::multiset<std::string> stored;
    std::map<std::string, std::vector<message>> logs;
    for (std::int64_t id = 1; id <= 3; ++id) {
      message_range range;
      range.room = room_id{id};
      range.limit = 100'000;
      const auto page = log().read_messages(range);
      if (!page) continue;
      for (const auto& each : page->messages)
        if (!each.deleted_at && first_said(each.content) != unseen)
          stored.insert(first_said(each.content));
      logs.emplace(log().find_room(room_id{id})->name, page->messages);
    }
    for (const auto& content : stored)
      require(stored.count(content) == 1, "stored twice");
    for (const auto& [content, where] : acked_) {
      const auto& log = logs[where.room];
      require(where.seq <= std::ssize(log), "acked and not stored");
      const auto& there = log[static_cast<std::size_t>(where.seq - 1)];
      require(there.seq.value == where.seq && there.id.value == where.id &&
                  (there.deleted_at || may_be(there.content, content)),
              "acked and another message stored");
    }
    check_numbers(logs);
  }

  /// Checks that `seq` counts without gaps, that every change has a `rev` of its own, and that
  /// each `client_id` occurs once.
  static void check_numbers(const std::map<std::string, std::vector<message>>& logs) {
    for (const auto& [room, log] : logs) {
      std::set<std::int64_t> revs;
      std::set<std::string> client_ids;
      for (std::size_t i = 0; i < log.size(); ++i) {
        require(log[i].seq.value == static_cast<std::int64_t>(i) + 1, "a hole in the log");
        require(revs.insert(log[i].rev.value).second, "a rev given twice");
        if (log[i].client_id)
          require(client_ids.insert(log[i].user_id + ' ' + *log[i].client_id).second,
                  "a client_id stored twice");
      }
    }
  }

  std::mt19937_64 random_;
  std::uint64_t seed_;
  std::shared_ptr<lossy_air> air_; ///< none without a bus
  std::uint64_t threads_;
  std::vector<std::unique_ptr<simulated_node>> nodes_;
  std::vector<std::unique_ptr<simulated_client>> clients_;
  std::map<const simulated_client*, simulated_node*> homes_;
  std::vector<repeatable> repeatables_;
  simulated_client::acked_messages acked_;
  int said_ = 0;
  int edits_ = 0;
};

/// Runs many seeds; `nodes` are as many as its function says. With a bus, it must carry
/// something in almost all of them.
void simulate(std::size_t (*nodes)(std::uint64_t seed), std::uint64_t usual,
              bool has_bus = false) {
  trace_simulation = seeds_wanted::only_one();
  std::uint64_t carried = 0;
  const auto seeds = run_seeds(usual, [&](std::uint64_t seed) {
    const auto air = has_bus ? std::make_shared<lossy_air>() : nullptr;
    simulation{seed, nodes(seed), air}.run();
    if (air) carried += air->carried();
  });
  if (has_bus && seeds >= usual) CHECK(carried > 2 * seeds);
}

std::size_t one_node(std::uint64_t) {
  return 1;
}
std::size_t two_nodes(std::uint64_t) {
  return 2;
}
std::size_t two_or_three_nodes(std::uint64_t seed) {
  return 2 + seed % 2;
}

TEST_CASE("no order of events breaks a guarantee") {
  simulate(one_node, usual_seeds);
}

TEST_CASE("no order of events on two nodes with one log breaks a guarantee") {
  simulate(two_nodes, usual_seeds_of_two_nodes);
}

TEST_CASE(
    "no order of events on several nodes with a bus that loses, doubles and swaps breaks a "
    "guarantee") {
  simulate(two_or_three_nodes, usual_seeds_with_a_bus, true);
}

} // namespace
} // namespace hubbub::test
