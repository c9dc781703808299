#include "actors/room/directory.hpp"

#include "actors/room/room_lease.hpp"
#include "actors/store/store_errors.hpp"
#include "proto/json/hidden_text.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace hubbub {

namespace {

constexpr auto lookup_timeout = std::chrono::seconds{30};

const error no_room{error_code::not_found, "there is no such room"};
const error too_many_lookups{error_code::overloaded,
                             "too many rooms are being looked for; try again soon"};

} // namespace

directory::directory(caf::actor_config& config, writer_actor writer, reader_actor reader,
                     room_spawner spawn_room, std::size_t max_lookups,
                     refusal_counter_ptr refusals, hook_desk_actor host, bool is_shared)
    : directory_actor::base(config), writer_(std::move(writer)), reader_(std::move(reader)),
      spawn_room_(std::move(spawn_room)), refusals_(std::move(refusals)),
      host_(std::move(host)), is_shared_(is_shared), lookups_(max_lookups) {}

directory::behavior_type directory::make_behavior() {
  return {
      [this](const resolve_room& request) { return resolve(request); },
      [this](const op::create_room& request) { return create(request); },
      [this](const members_changed& news) {
        if (auto* room = rooms_.find(news.room)) room->members = news.total;
      },
      [this](const count_members& request) { return count(request); },
      [this](const retire_room& request) { return retire(request); },
      [this](ask_awake) {
        awake_list awake;
        awake.reserve(rooms_.size());
        rooms_.for_each(
            [&awake](const awake_room& room) { awake.emplace_back(room.id, room.actor); });
        return awake;
      },
      [this](const find_awake& request) {
        awake_ids found;
        for (const auto& room : request.rooms) {
          const auto* here = rooms_.find(room);
          found.ids.push_back(here != nullptr ? here->id : room_id{});
        }
        return found;
      },
      [this](const watch_rooms& request) {
        watch_rooms_for(request.watcher);
        return true;
      },
      [this](ask_directory_stats) {
        return directory_stats{rooms_.size(), lookups_.refused()};
      },
  };
}

void directory::on_exit() {
  host_ = nullptr;
  rooms_.for_each([](const awake_room& room) {
    anon_send_exit(room.actor, caf::exit_reason::user_shutdown);
  });
  rooms_.clear();
  lookups_.clear();
  watchers_.clear();
  spawn_room_ = nullptr;
}

caf::result<resolve_outcome> directory::resolve(const resolve_room& request) {
  if (auto* room = rooms_.find(request.room)) return resolve_outcome{lease(*room)};
  if (!request.wake) return resolve_outcome{room_lease_ptr{}};
  if (lookups_.refuse()) return resolve_outcome{unexpected(too_many_lookups)};
  auto promise = make_response_promise<resolve_outcome>();
  if (lookups_.add(request.room, {promise, request.create, request.owner}))
    look_up(request.room);
  return promise;
}

void directory::look_up(const room_ref& ref) {
  compat::request(this, reader_, lookup_timeout, find_state{ref})
      .then(
          [this, ref, since = std::chrono::steady_clock::now()](const state_outcome& found) {
            if (found)
              refusals_->measures().room_wakes.observe(std::chrono::steady_clock::now() -
                                                       since);
            on_found(ref, found);
          },
          [this, ref](const caf::error&) { fail(ref, to_error(store_error::io)); });
}

void directory::on_found(const room_ref& ref, const state_outcome& found) {
  // It woke, grew and fell asleep again meanwhile, so this may be out of date. What other rooms
  // do must not count: so many fall asleep each second that no lookup would ever end.
  if (lookups_.take_change(ref)) return look_up(ref);
  // Only names are created: an unknown id stays unknown.
  if (!found && found.error() == store_error::no_such_room &&
      std::holds_alternative<std::string>(ref) && lookups_.wants_creation(ref))
    return create_for(ref);
  if (!found) return fail(ref, to_error(found.error()));
  auto& room = wake(*found);
  for (auto& each : lookups_.take(ref))
    each.promise.deliver(resolve_outcome{lease(room)});
}

/// Creates a room, since a request wants it; requests that do not are told that there is none.
void directory::create_for(const room_ref& ref) {
  for (auto& each : lookups_.take_mere_lookers(ref))
    each.promise.deliver(resolve_outcome{unexpected(no_room)});
  if (has_hidden(std::get<std::string>(ref)))
    return fail(ref, {error_code::bad_request, "room must not hold invisible characters"});
  compat::request(this, writer_, lookup_timeout,
                  op::create_room{std::get<std::string>(ref), lookups_.owner(ref)})
      .then(
          [this, ref](const room_outcome& created) {
            note_creation(created);
            if (!created && created.error() == store_error::already_exists)
              look_up(ref); // created over HTTP a moment ago
            else
              on_found(ref, created.map(
                                [](const room_record& record) { return room_state{record}; }));
          },
          [this, ref](const caf::error&) { fail(ref, to_error(store_error::io)); });
}

void directory::fail(const room_ref& ref, const error& why) {
  for (auto& each : lookups_.take(ref))
    each.promise.deliver(resolve_outcome{unexpected(why)});
}

caf::result<room_outcome> directory::create(const op::create_room& request) {
  auto promise = make_response_promise<room_outcome>();
  compat::request(this, writer_, lookup_timeout, request)
      .then(
          [this, promise](room_outcome& created) mutable {
            note_creation(created);
            promise.deliver(std::move(created));
          },
          [promise](const caf::error&) mutable {
            promise.deliver(room_outcome{unexpected(store_error::io)});
          });
  return promise;
}

/// Rooms that sleep have no members here. How many they have on other nodes, the store knows.
caf::result<counts_outcome> directory::count(const count_members& request) {
  count_members asleep;
  for (const auto id : request.rooms)
    if (is_shared_ && rooms_.find(id) == nullptr) asleep.rooms.push_back(id);
  if (asleep.rooms.empty()) return counts_outcome{totals(request.rooms, {})};
  auto promise = make_response_promise<counts_outcome>();
  compat::request(this, reader_, lookup_timeout, asleep)
      .then(
          [this, promise, asleep = asleep.rooms,
           rooms = request.rooms](const counts_outcome& counted) mutable {
            std::unordered_map<room_id, std::int64_t> elsewhere;
            for (std::size_t i = 0; counted && i < asleep.size(); ++i)
              elsewhere[asleep[i]] = counted->at(i);
            promise.deliver(counted ? counts_outcome{totals(rooms, elsewhere)} : counted);
          },
          [promise](const caf::error&) mutable {
            promise.deliver(counts_outcome{unexpected(store_error::io)});
          });
  return promise;
}

/// Returns the numbers of users: what awake rooms reported, and what was counted of others.
std::vector<std::int64_t>
directory::totals(const std::vector<room_id>& rooms,
                  const std::unordered_map<room_id, std::int64_t>& asleep) {
  std::vector<std::int64_t> totals;
  totals.reserve(rooms.size());
  for (const auto id : rooms) {
    const auto* awake = rooms_.find(id);
    const auto counted = asleep.find(id);
    totals.push_back(awake != nullptr          ? awake->members
                     : counted == asleep.end() ? 0
                                               : counted->second);
  }
  return totals;
}

void directory::note_creation(const room_outcome& created) {
  if (!created && created.error() == store_error::too_many_rooms)
    refusals_->note(refused_by::rooms);
  if (created && host_) {
    chat_notice news{notice_kind::room_made, created->owner.value_or("")};
    news.room = created->id;
    news.room_name = created->name;
    compat::anon_send(host_, std::move(news));
  }
}

bool directory::retire(const retire_room& request) {
  const auto* room = rooms_.find(request.room);
  if (room == nullptr) return true;
  if (room->leases != request.leases) return false; // an actor with a lease is about to use it
  forget(rooms_.take(request.room));
  return true;
}

/// Lets go of a room whose actor has ended or is about to.
void directory::forget(const std::optional<awake_room>& gone) {
  if (!gone) return;
  lookups_.note_change(gone->id);
  lookups_.note_change(gone->name);
}

awake_room& directory::wake(const room_state& state) {
  const auto& record = state.record;
  if (auto* room = rooms_.find(record.id)) return *room;
  const auto actor = spawn_room_(state, directory_actor{this});
  // Handles the death of a room. One that retired is forgotten already, so this is for one that
  // failed.
  compat::watch(this, actor,
                [this](const caf::actor_addr& gone) { forget(rooms_.take_of(gone.id())); });
  std::set<std::string_view> elsewhere;
  for (const auto& each : state.elsewhere)
    elsewhere.insert(each.state.user_id);
  auto& room =
      rooms_.add({record.id, record.name, actor, actor->id(), 0, std::ssize(elsewhere)});
  for (const auto& watcher : watchers_)
    compat::anon_send(watcher, room_woke{lease(room), room_position{record.id, record.last_seq,
                                                                    record.last_rev}});
  return room;
}

/// Tells a watcher of every room that is awake, and from now on of each that wakes.
void directory::watch_rooms_for(const room_watcher& watcher) {
  if (std::ranges::find(watchers_, watcher) == watchers_.end()) watchers_.push_back(watcher);
  rooms_.for_each([&watcher](awake_room& room) {
    compat::anon_send(watcher, room_woke{lease(room), std::nullopt});
  });
}

room_lease_ptr directory::lease(awake_room& room) {
  ++room.leases;
  compat::anon_send(room.actor, lease_taken{});
  return std::make_shared<const room_lease>(room.actor, room.id, room.name);
}

} // namespace hubbub
