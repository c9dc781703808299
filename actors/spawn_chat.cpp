#include "actors/spawn_chat.hpp"

#include "actors/bridge/bridge_desk.hpp"
#include "actors/limits/limiter.hpp"
#include "actors/presence/lease_holder.hpp"
#include "actors/presence/presence_link.hpp"
#include "actors/room/directory.hpp"
#include "actors/room/head_poll.hpp"
#include "actors/room/room.hpp"
#include "actors/session/chat.hpp"
#include "actors/session/connection_counter.hpp"
#include "actors/session/recovery.hpp"
#include "actors/store/store_actors.hpp"
#include "actors/store/write_gate.hpp"

#include <chrono>
#include <cstddef>
#include <utility>

namespace hubbub {

namespace {

/// Number of readers for pages. Reads rarely wait for the disk; with two connections one slow
/// read does not hold up the rest. A search may take a hundred times as long as a page, so it
/// has a connection and a thread of its own: however many searches there are, history does not
/// wait for them, and they take at most one core.
constexpr std::size_t reader_count = 2;

void spawn_store(caf::actor_system& system, store& opened, chat_actors& actors, io_unit* unit,
                 const store_watch& watch) {
  if (opened.single_threaded()) {
    const auto both = unit != nullptr
                          ? system.spawn<pinned<single_store>>(
                                *unit, opened.writer(), opened.reader(), wall_clock_now, watch)
                          : system.spawn<single_store, caf::detached>(
                                opened.writer(), opened.reader(), wall_clock_now, watch);
    actors.writer = both;
    actors.readers.push_back(both);
    actors.searcher = both;
    return;
  }
  if (auto work = opened.upkeep())
    actors.upkeep = system.spawn<upkeep_worker, caf::detached>(std::move(work));
  actors.writer = system.spawn<writer, caf::detached>(opened.writer(), wall_clock_now,
                                                      actors.upkeep, watch, actors.bus);
  for (std::size_t i = 0; i < reader_count; ++i)
    actors.readers.push_back(
        system.spawn<reader, caf::detached>(opened.reader(), actors.writer));
  actors.searcher = system.spawn<reader, caf::detached>(opened.reader(), actors.writer);
  compat::anon_send(actors.searcher, feed_index{});
  if (opened.is_shared())
    actors.log_reader = system.spawn<reader, caf::detached>(opened.reader(), actors.writer);
}

} // namespace

chat_actors spawn_chat(caf::actor_system& system, store& opened,
                       const std::vector<chat_thread>& threads, const chat_settings& settings,
                       io_unit* store_unit, const store_watch& watch,
                       const std::shared_ptr<bus_setup>& bus, const hook_desks& hooks,
                       const node_links& links, const std::shared_ptr<bridge_setup>& bridge) {
  chat_actors actors;
  actors.hooks = hooks;
  if (bus) actors.bus = {system.spawn<bus_link, caf::detached>(bus), bus->bell, bus->origin};
  spawn_store(system, opened, actors, store_unit, watch);
  std::vector<relay_actor> relays;
  relays.reserve(threads.size());
  for (const auto& thread : threads) {
    relays.push_back(thread.relay);
    actors.refusals.push_back(std::make_shared<refusal_counter>());
    actors.refusals.back()->runs_on(*thread.unit);
    if (thread.recorder != nullptr) actors.refusals.back()->record_in(*thread.recorder);
    actors.gates.push_back(system.spawn<pinned<write_gate>>(
        *thread.unit, actors.writer, settings.writes_per_thread, actors.refusals.back()));
  }
  actors.limiter = system.spawn<pinned<limiter>>(*threads.front().unit, settings.rates);
  if (auto lease = opened.lease()) {
    actors.lease =
        system.spawn<lease_holder, caf::detached>(std::move(lease), settings.node_lease);
    presence_setup of_node{actors.lease,
                           actors.bus,
                           settings.node_lease,
                           settings.head_poll,
                           [relays] {
                             for (const auto& each : relays)
                               compat::anon_send(each, close_connections{});
                           },
                           links.url,
                           links.on_nodes,
                           links.on_lease,
                           settings.rates.per_user.limited() ? presence_listener{actors.limiter}
                                                             : presence_listener{}};
    of_node.settings = links.settings;
    of_node.on_settings = links.on_settings;
    of_node.on_dismissed = links.on_dismissed;
    actors.presence =
        system.spawn<pinned<presence_link>>(*threads.front().unit, std::move(of_node));
    actors.bus.send(presence_watcher{actors.presence});
  }
  // All rooms share one setup; it names the directory, which only exists once it is spawned.
  auto spawn_room = [&system, threads, relays, gates = actors.gates, writer = actors.writer,
                     readers = actors.readers, searcher = actors.searcher, settings,
                     refusals = actors.refusals, log_reader = actors.log_reader,
                     at_bus = actors.bus, presence = actors.presence, hooks,
                     shared = room_setup_ptr{}](const room_state& state,
                                                const directory_actor& directory) mutable {
    if (!shared)
      shared = std::make_shared<const room_setup>(
          room_setup{relays, gates, writer, readers, searcher, directory, settings,
                     wall_clock_now, refusals, log_reader, at_bus, presence, hooks});
    auto& unit =
        *threads[static_cast<std::size_t>(state.record.id.value) % threads.size()].unit;
    return room_actor{system.spawn<pinned<room>>(unit, shared, state)};
  };
  actors.directory = system.spawn<pinned<directory>>(
      *threads.front().unit, actors.writer, actors.readers.front(), spawn_room,
      settings.lookups, actors.refusals.front(), hooks.for_notices(0),
      actors.log_reader != nullptr);
  if (actors.log_reader)
    actors.head_poll = system.spawn<pinned<head_poll>>(*threads.front().unit, actors.directory,
                                                       actors.log_reader, settings.head_poll);
  if (actors.head_poll) actors.bus.send(head_watcher{actors.head_poll});
  actors.secret = opened.secret();
  actors.recovery = system.spawn<pinned<recovery>>(
      *threads.front().unit, actors.writer, actors.readers.front(), actors.directory,
      actors.secret, settings, wall_clock_now, actors.refusals.front());
  if (actors.presence) compat::anon_send(actors.presence, taken_watcher{actors.recovery});
  for (std::size_t i = 0; i < threads.size(); ++i)
    actors.accounts.push_back(std::make_shared<rate_accounts>(settings.rates));
  actors.connection_counter = system.spawn<pinned<connection_counter>>(
      *threads.front().unit, settings.connections_per_user);
  if (bridge) {
    actors.bridge.desk = system.spawn<pinned<bridge_desk>>(
        *threads.front().unit, bridge_desk_setup{actors.directory, relays, settings.limits,
                                                 settings.auto_create_rooms, bridge->bell});
    actors.bridge.bell = bridge->bell;
    actors.bridge.actor = system.spawn<bridge_link, caf::detached>(bridge, actors.bridge.desk);
  }
  return actors;
}

application_factory make_chat(const chat_actors& actors, const chat_settings& settings,
                              const auth_slots& auth, namespace_factories beside) {
  const auto setup = std::make_shared<const chat_setup>(
      chat_setup{actors, settings, auth, wall_clock_now, std::move(beside)});
  return [setup](const session_context& context) {
    return std::make_unique<chat>(context, setup);
  };
}

bool flush_chat(caf::actor_system& system, const chat_actors& actors,
                std::chrono::milliseconds patience) {
  bool in_time = true;
  // An actor that has ended has nothing left to commit.
  const auto on_error = [&in_time](const caf::error& e) {
    if (e == caf::sec::request_timeout) in_time = false;
  };
  // Its answer comes after every append that was sent, and their commit.
  caf::scoped_actor self{system};
  for (const auto& gate : actors.gates)
    compat::request(&*self, gate, patience, hand_over_now{}).receive([](bool) {}, on_error);
  compat::anon_send(actors.writer, commit_queued{.at_once = true});
  compat::request(&*self, actors.writer, patience, ask_writer_stats{})
      .receive([](const writer_stats&) {}, on_error);
  return in_time;
}

void stop_chat(caf::actor_system& system, chat_actors& actors) {
  flush_chat(system, actors);
  // A store may leave undone what is being done at this moment.
  if (actors.upkeep) {
    caf::scoped_actor self{system};
    caf::anon_send_exit(actors.upkeep, caf::exit_reason::user_shutdown);
    self->wait_for(actors.upkeep);
  }
  // The directory ends the rooms too.
  for_each_actor(actors, [](const auto& actor) {
    if (actor) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  });
  actors.bus.ring(); // it may wait for something to come
  actors.bridge.ring();
  actors = {};
}

} // namespace hubbub
