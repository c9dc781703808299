// Random members on several nodes, random faults and a random order of everything whose order
// is not fixed: who is in a room, as each member is told it. Seeds as in simulation_test.cpp.
#include "tests/actors/presence/simulated_member.hpp"
#include "tests/actors/room/node_world.hpp"
#include "tests/actors/simulated_seeds.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::uint64_t usual_presence_seeds = 60;

/// What was seen of the faults, so that no simulation passes in which nothing happens.
struct happenings {
  std::uint64_t lost = 0;    ///< leases that nodes lost
  std::uint64_t died = 0;    ///< nodes
  std::uint64_t left = 0;    ///< users whom a member was told to have left
  std::uint64_t carried = 0; ///< by the bus
};

/// True if rooms tell who comes and goes as large rooms do.
bool is_coalesced(std::uint64_t seed) {
  return seed % 4 == 3;
}

class presence_simulation {
 public:
  presence_simulation(std::uint64_t seed, std::size_t count, happenings& seen)
      : random_(seed), seed_(seed), seen_(seen) {
    // How long after a report the last node has told it: it looks each second, in a step of up
    // to 300 ms, as the other reports.
    slack_ = is_coalesced(seed) ? 3'500ms : 2'000ms;
    if (seed % 3 != 0) air_ = std::make_shared<lossy_air>();
    nodes_.resize(count);
    for (auto& each : nodes_)
      start(each);
  }
  presence_simulation(const presence_simulation&) = delete;
  presence_simulation& operator=(const presence_simulation&) = delete;

  void run() {
    for (int i = 0; i < turns; ++i)
      turn();
    for (auto& each : nodes_)
      heal(each);
    returning_.clear();
    for (milliseconds passed{}; passed < length + 5s; passed += 200ms)
      pass(200ms);
    check_end();
    for (const auto& each : members_)
      each.self->close(close_reason::client_close);
    settle();
    members_.clear();
    pass(200ms);
    pass(2s);
    check_counts();
    if (air_) seen_.carried += air_->carried();
  }

 private:
  struct node {
    std::unique_ptr<chat_world> world;
    std::shared_ptr<lease_fault> fault = std::make_shared<lease_fault>(lease_fault::none);
    bool stands_still = false;
    milliseconds behind{};     ///< how long it has stood still
    milliseconds good_since{}; ///< from when on nothing is wrong with it
    milliseconds bad_until{};
    std::optional<milliseconds> lost_at{}; ///< when it lost its lease last

    [[nodiscard]] bool runs() const { return world && !stands_still; }
    [[nodiscard]] bool is_good() const { return runs() && *fault == lease_fault::none; }
  };
  struct visitor {
    std::unique_ptr<simulated_member> self;
    std::size_t home = 0; ///< the index of its node
  };
  /// Somebody was in a room by a connection that is gone.
  struct trace {
    std::size_t home = 0;
    milliseconds until{};
    bool is_told = false; ///< by a node that told the others
  };
  struct returner {
    std::string user;
    std::vector<std::string> rooms;
    milliseconds when{};
  };

  std::uint64_t dice(std::uint64_t sides) { return random_() % sides; }
  [[nodiscard]] milliseconds now() const { return board_->time; }
  static void require(bool holds, const std::string& what) {
    if (!holds) throw std::runtime_error{what};
  }

  void tell(const std::string& what, std::size_t place) const {
    if (trace_simulation)
      std::cerr << now().count() << " node " << place << ' ' << what << '\n';
  }

  void start(node& which) {
    auto options = node_world::options(store_);
    options.threads = 1 + seed_ % 2;
    options.settings.node_lease = length;
    options.settings.room_linger = std::chrono::seconds{seed_ % 4 < 2 ? 2 : 0};
    if (is_coalesced(seed_)) options.settings.presence_threshold = 1;
    options.air = air_;
    options.board = board_;
    options.board_fault = which.fault;
    const auto place = static_cast<std::size_t>(&which - nodes_.data());
    options.on_lease = [this, place](const lease_change& change) {
      if (change.is_held) return;
      ++seen_.lost;
      nodes_[place].lost_at = now();
      doubt(place);
    };
    which.world = std::make_unique<chat_world>(options);
    which.good_since = now();
  }

  void turn() {
    for (auto& each : nodes_)
      if (now() >= each.bad_until && !each.is_good()) heal(each);
    come_back();
    for (auto acts = dice(3); acts > 0; --acts) {
      act();
      for (auto steps = dice(40); steps > 0; --steps)
        (void)step();
    }
    settle();
    pass(milliseconds{20 + dice(280)});
  }

  /// Handles one message of one actor, or carries one over the bus; false if there is none.
  bool step() {
    if (air_ && dice(6) == 0 && air_->carry(random_)) return true;
    const auto first = dice(nodes_.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const auto& each = nodes_[(first + i) % nodes_.size()];
      if (each.runs() && each.world->step(random_)) return true;
    }
    return false;
  }
  /// Lets happen what can happen now, and has everybody read it. What is under way on the bus
  /// may stay there.
  void settle() {
    while (step()) {
    }
    for (const auto& each : members_)
      look(each);
    for (std::size_t i = members_.size(); i > 0; --i)
      if (members_[i - 1].self->is_closed()) lose(i - 1);
  }
  void look(const visitor& who) {
    const auto before = who.self->places();
    who.self->look(now(), [&](const auto& room, const auto& where, const auto& user) {
      on_left(who, room, where, user);
    });
    for (const auto& [name, where] : before)
      if (!who.self->places().contains(name)) note_gone(who, name);
  }
  /// Notes that somebody was in a room until now. If the node has just lost its lease, it tells
  /// of nobody who leaves in that moment, for whatever reason.
  void note_gone(const visitor& who, const std::string& room) {
    tell("has no more " + who.self->user() + " in " + room, who.home);
    const auto& home = nodes_[who.home];
    const bool is_told = home.is_good() && home.lost_at != now();
    traces_[{room, who.self->user()}].push_back({who.home, now(), is_told});
  }
  void pass(milliseconds time) {
    board_->time += time;
    for (auto& each : nodes_) {
      if (each.stands_still) each.behind += time;
      if (each.runs()) each.world->scheduler().advance_time(time);
    }
    settle();
    check_lists();
  }

  void act() {
    const auto what = dice(100);
    if (what < 3) return trouble(dice(nodes_.size()));
    if (members_.size() < crowd && what < 30) return arrive(room());
    if (members_.empty()) return;
    const auto place = dice(members_.size());
    auto& who = *members_[place].self;
    if (what < 40) return end(place);
    if (!who.is_connected()) return;
    if (what < 70) return who.join(room());
    if (what < 80) return who.leave(room());
    who.list(room());
  }
  static std::string name_of(std::uint64_t number) {
    return std::string(1, static_cast<char>('a' + number));
  }
  std::string room() { return "r" + std::to_string(dice(rooms)); }

  void arrive(const std::string& into) { arrive(name_of(dice(users)), {into}); }
  void arrive(const std::string& user, std::vector<std::string> into) {
    const auto home = dice(nodes_.size());
    auto& there = nodes_[home];
    if (!there.runs()) return;
    auto& subject = there.world->open(static_cast<std::uint32_t>(dice(1 + seed_ % 2)));
    members_.push_back({std::make_unique<simulated_member>(subject, user, is_coalesced(seed_),
                                                           std::move(into)),
                        home});
    tell("has " + user, home);
  }
  void come_back() {
    for (auto& each : std::exchange(returning_, {}))
      if (each.when <= now())
        arrive(each.user, std::move(each.rooms));
      else
        returning_.push_back(std::move(each));
  }
  void end(std::size_t place) {
    const auto reason = dice(2) == 0 ? close_reason::client_close : close_reason::ping_timeout;
    members_[place].self->close(reason);
    if (dice(2) == 0) lose(place);
  }

  /// Takes a member away whose connection has ended; perhaps it comes back.
  void lose(std::size_t place) {
    const auto& who = members_[place];
    std::vector<std::string> into;
    for (const auto& [name, where] : who.self->places()) {
      note_gone(who, name);
      into.push_back(name);
    }
    if (dice(3) > 0)
      returning_.push_back(
          {who.self->user(), std::move(into), now() + milliseconds{dice(12'000)}});
    members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(place));
  }

  /// Something happens to a node, unless it is the last good one.
  void trouble(std::size_t place) {
    auto& which = nodes_[place];
    if (!which.is_good() || std::ranges::count_if(nodes_, &node::is_good) < 2) return;
    which.bad_until = now() + milliseconds{200 + dice(14'000)};
    doubt(place);
    switch (dice(5)) {
    case 0:
      hold(place);
      tell("dies", place);
      return die(place);
    case 1:
      hold(place);
      tell("stops", place);
      return stop(place);
    case 2:
      tell("stands still", place);
      which.stands_still = true;
      return;
    case 3:
      tell("hears no answers", place);
      *which.fault = lease_fault::loses_answers;
      return;
    default: tell("is refused", place); *which.fault = lease_fault::refuses;
    }
  }
  /// Notes that a node may not have told what happened there a moment ago, and tells it no
  /// more: the others hear of it when its lease ends.
  void doubt(std::size_t place) {
    for (auto& [whom, all] : traces_)
      for (auto& each : all)
        if (each.home == place && each.until + slack_ > now()) each.is_told = false;
  }
  /// Notes that those whom everybody knows on a node that ends are kept for its lease.
  void hold(std::size_t place) {
    for (const auto& each : members_)
      for (const auto& [name, where] : each.self->places())
        if (each.home == place && is_settled(each, where))
          held_[{name, each.self->user()}] = now();
  }
  void die(std::size_t place) {
    ++seen_.died;
    nodes_[place].stands_still = true; // so that it does not count as good
    for (std::size_t i = members_.size(); i > 0; --i)
      if (members_[i - 1].home == place) lose(i - 1);
    nodes_[place].world = nullptr;
  }
  void stop(std::size_t place) {
    auto& world = *nodes_[place].world;
    require(world.ask<bool>(world.presence, presence_freeze{}), "a node does not stop");
    for (const auto& each : members_)
      if (each.home == place) each.self->close(close_reason::shutdown);
    world.run();
    world.advance(100ms); // in which it could tell of their leave
    die(place);
  }
  /// Notes that a node learns now who has left since it stood still, and that its lease may
  /// hold.
  void find_out(std::size_t place, milliseconds since) {
    for (auto& [whom, all] : traces_)
      for (auto& each : all)
        if (each.home == place && each.until > since) each.until = now();
  }
  void heal(node& which) {
    const auto place = static_cast<std::size_t>(&which - nodes_.data());
    tell("is well", place);
    if (which.world && which.behind < length) find_out(place, now() - which.behind);
    *which.fault = lease_fault::none;
    which.stands_still = false;
    if (!which.world) start(which);
    which.world->scheduler().advance_time(std::exchange(which.behind, 0ms));
    which.good_since = now();
  }

  /// True if a member is in a room for so long, on a node that is well for so long, that
  /// everybody must know of it, and it of everybody.
  [[nodiscard]] bool is_settled(const visitor& who, const simulated_member::place& at) const {
    const auto& home = nodes_[who.home];
    return !who.self->is_closed() && at.is_steady() && home.is_good() &&
           std::max(at.since, home.good_since) + slack_ <= now();
  }
  [[nodiscard]] bool is_settled(const std::string& room, const std::string& user) const {
    return std::ranges::any_of(members_, [&](const visitor& each) {
      const auto at = each.self->places().find(room);
      return each.self->user() == user && at != each.self->places().end() &&
             is_settled(each, at->second);
    });
  }
  /// True if the user is in the room as far as anybody can know, or was until a moment ago, or
  /// until a lease ago on a node that could not tell of it.
  [[nodiscard]] bool may_be_in(const std::string& room, const std::string& user) const {
    const bool is_there = std::ranges::any_of(members_, [&](const visitor& each) {
      return each.self->user() == user && each.self->places().contains(room);
    });
    const auto found = traces_.find({room, user});
    return is_there || (found != traces_.end() &&
                        std::ranges::any_of(found->second, [this](const auto& at) {
                          return at.until + slack_ + (at.is_told ? 0ms : length) >= now();
                        }));
  }

  /// A user who is in the room, and was back in time, was never gone.
  void on_left(const visitor& who, const std::string& room,
               const simulated_member::place& where, const std::string& user) {
    ++seen_.left;
    if (!is_settled(who, where)) return;
    require(!is_settled(room, user), user + " is told to be gone and is there");
    const auto held = held_.find({room, user});
    require(held == held_.end() || held->second + length - slack_ <= now(),
            user + " is told to be gone and has time to come back");
  }
  void check_lists() const {
    for (const auto& each : members_)
      for (const auto& [name, where] : each.self->places()) {
        if (!is_settled(each, where)) continue;
        for (const auto& user : where.users)
          require(may_be_in(name, user), user + " is a ghost for " + each.self->user());
        for (const auto& other : members_)
          require(where.users.contains(other.self->user()) ||
                      !is_settled(name, other.self->user()),
                  other.self->user() + " is missing for " + each.self->user());
      }
  }

  /// Checks, when nothing is wrong any more, that all lists are the same and right.
  void check_end() {
    std::map<std::string, std::map<std::string, std::int64_t>> truth;
    for (const auto& each : members_)
      for (const auto& [name, where] : each.self->places()) {
        require(where.is_steady(), "an answer is missing");
        ++truth[name][each.self->user()];
        each.self->list(name);
      }
    settle();
    for (const auto& each : members_)
      for (const auto& [name, where] : each.self->places()) {
        require(where.listed == truth[name], "a wrong list of " + each.self->user());
        std::set<std::string> there;
        for (const auto& [user, connections] : truth[name])
          there.insert(user);
        require(where.users == there, each.self->user() + " believes others to be there");
      }
    check_counts();
  }
  /// Checks how many users each node counts in rooms that have members there.
  void check_counts() {
    for (std::uint64_t i = 0; i < rooms; ++i) {
      const auto name = "r" + std::to_string(i);
      const auto record = store_->log->find_room(name);
      std::set<std::string> there;
      for (const auto& each : members_)
        if (each.self->places().contains(name)) there.insert(each.self->user());
      for (std::size_t at = 0; record && at < nodes_.size(); ++at) {
        const bool has_members = std::ranges::any_of(members_, [&](const visitor& each) {
          return each.home == at && each.self->places().contains(name);
        });
        if (has_members || there.empty())
          require(nodes_[at].world->users_in(record->id) == std::ssize(there), "a wrong count");
      }
    }
  }

  static constexpr milliseconds length = 10s; ///< of leases
  static constexpr int turns = 350;
  static constexpr std::size_t crowd = 9; ///< connections at once
  static constexpr std::uint64_t rooms = 2;
  static constexpr std::uint64_t users = 5;

  std::mt19937_64 random_;
  std::uint64_t seed_;
  happenings& seen_;
  milliseconds slack_{};
  std::shared_ptr<shared_log> store_ = std::make_shared<shared_log>();
  std::shared_ptr<presence_board> board_ = std::make_shared<presence_board>();
  std::shared_ptr<lossy_air> air_; ///< none without a bus
  std::vector<node> nodes_;
  std::vector<visitor> members_;
  std::map<std::pair<std::string, std::string>, std::vector<trace>> traces_; ///< by room, user
  /// By room and user: when the node that had them, as all knew, ended.
  std::map<std::pair<std::string, std::string>, milliseconds> held_;
  std::vector<returner> returning_;
};

TEST_CASE("no order of events on several nodes hides a member, makes a ghost or tells a change "
          "twice") {
  trace_simulation = seeds_wanted::only_one();
  happenings seen;
  const auto seeds = run_seeds(usual_presence_seeds, [&seen](std::uint64_t seed) {
    presence_simulation{seed, 2 + seed % 2, seen}.run();
  });
  if (seeds < usual_presence_seeds) return;
  CHECK(seen.lost > seeds / 2);
  CHECK(seen.died > seeds / 2);
  CHECK(seen.left > 10 * seeds);
  CHECK(seen.carried > seeds);
}

} // namespace
} // namespace hubbub::test
