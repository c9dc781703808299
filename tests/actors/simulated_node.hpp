#pragma once

#include "actors/room/room_lease.hpp"
#include "tests/actors/chat_world.hpp"
#include "tests/actors/writer_around.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <utility>
#include <vector>

namespace hubbub::test {

/// Fails some commits, with everything in them.
class unreliable_writer final : public writer_around {
 public:
  unreliable_writer(std::unique_ptr<store_writer> real, std::uint64_t seed, unsigned percent)
      : writer_around(std::move(real)), random_(seed), percent_(percent) {}
  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) override {
    if (random_() % 100 >= percent_) return writer_around::commit(ops, now);
    return std::vector<write_outcome>(ops.size(), write_outcome{store_error::io});
  }

 private:
  std::mt19937_64 random_;
  unsigned percent_;
};

/// Posts as the HTTP API does: while it holds a lease.
using poster_actor = compat::typed_actor<caf::result<void>(resolve_room, room_call)>;
class poster : public poster_actor::base {
 public:
  poster(caf::actor_config& config, directory_actor directory)
      : poster_actor::base(config), directory_(std::move(directory)) {}
  behavior_type make_behavior() override {
    return {[this](const resolve_room& room, const room_call& message) {
      compat::request(this, directory_, caf::infinite, room)
          .then([this, message](const resolve_outcome& found) {
            if (found) post(*found, message);
          });
    }};
  }
  void on_exit() override { directory_ = nullptr; }

 private:
  void post(const room_lease_ptr& room, const room_call& message) {
    compat::request(this, room->room(), caf::infinite, message)
        .then([room](const call_outcome&) {});
  }
  directory_actor directory_;
};

inline bool has_failing_store(std::uint64_t seed) {
  return seed % 2 == 0;
}
/// True if there are few clients, so that rooms sleep while members are away.
inline bool is_lonely(std::uint64_t seed) {
  return seed % 5 < 2;
}
/// True if messages are edited as often as they are sent.
inline bool has_editors(std::uint64_t seed) {
  return seed % 4 == 1;
}
/// True if rooms report presence as large rooms do.
inline bool has_large_rooms(std::uint64_t seed) {
  return seed % 3 == 0;
}

inline world_options options_for(std::uint64_t seed, const std::shared_ptr<shared_log>& shared,
                                 const std::shared_ptr<lossy_air>& air) {
  world_options options;
  options.shared = shared;
  options.air = air;
  options.threads = 1 + seed % 3;
  options.single_store = seed % 5 == 0;
  options.settings.room_linger = std::chrono::seconds{seed % 4 < 2 ? 2 : 0};
  if (has_large_rooms(seed)) options.settings.presence_threshold = 1;
  options.settings.open_edit = true;
  options.settings.appends_per_room = seed % 7 == 0 ? 4 : 1000;
  const auto percent = has_failing_store(seed) ? 10U : 0U;
  options.wrap_writer = [=](std::unique_ptr<store_writer> real) {
    return std::make_unique<unreliable_writer>(std::move(real), seed, percent);
  };
  return options;
}

/// One server, or one node of several that share a log.
struct simulated_node {
  simulated_node(std::uint64_t seed, const std::shared_ptr<shared_log>& shared,
                 const std::shared_ptr<lossy_air>& air)
      : world(options_for(seed, shared, air)),
        posts(world.actors().spawn<poster>(world.directory)) {}
  ~simulated_node() {
    caf::anon_send_exit(posts, caf::exit_reason::kill);
    world.run();
  }
  simulated_node(const simulated_node&) = delete;
  simulated_node& operator=(const simulated_node&) = delete;

  chat_world world;
  poster_actor posts;
};

} // namespace hubbub::test
