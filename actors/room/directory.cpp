#include "actors/room/directory.hpp"

#include "actors/room/room.hpp"
#include "actors/room/room_lease.hpp"
#include "proto/json/hidden_text.hpp"

#include <algorithm>
#include <chrono>
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
                     refusal_book_ptr refusals)
    : directory_actor::base(config), writer_(std::move(writer)), reader_(std::move(reader)),
      spawn_room_(std::move(spawn_room)), max_lookups_(max_lookups),
      refusals_(std::move(refusals)) {}

directory::behavior_type directory::make_behavior() {
  return {
      [this](const resolve_room& request) { return resolve(request); },
      [this](const create_room& request) { return create(request); },
      [this](const members_changed& news) {
        if (const auto found = rooms_.find(news.room); found != rooms_.end())
          found->second.members = news.total;
      },
      [this](const count_members& request) {
        member_counts counts;
        for (const auto id : request.rooms) {
          const auto found = rooms_.find(id);
          counts.push_back(found == rooms_.end() ? 0 : found->second.members);
        }
        return counts;
      },
      [this](const retire_room& request) { return retire(request); },
      [this](ask_directory_stats) {
        return directory_stats{rooms_.size(), refused_};
      },
  };
}

void directory::on_exit() {
  for (const auto& [id, room] : rooms_)
    anon_send_exit(room.actor, caf::exit_reason::user_shutdown);
  rooms_.clear();
  actors_.clear();
  lookups_.clear();
  spawn_room_ = nullptr;
}

caf::result<resolve_outcome> directory::resolve(const resolve_room& request) {
  if (auto* room = find(request.room))
    return resolve_outcome{lease(names_.at(room->name), *room)};
  if (waiting_ >= max_lookups_) {
    ++refused_;
    return resolve_outcome{unexpected(too_many_lookups)};
  }
  ++waiting_;
  auto promise = make_response_promise<resolve_outcome>();
  auto& queue = lookups_[request.room];
  queue.push_back({promise, request.create, request.owner});
  if (queue.size() == 1) look_up(request.room);
  return promise;
}

void directory::look_up(const room_ref& ref) {
  compat::request(this, reader_, lookup_timeout, find_state{ref})
      .then(
          [this, ref, before = retired_](const state_outcome& found) {
            // A room that woke, grew and retired meanwhile has left this record behind.
            if (before == retired_)
              on_found(ref, found);
            else
              look_up(ref);
          },
          [this, ref](const caf::error&) { fail(ref, to_error(store_error::io)); });
}

void directory::on_found(const room_ref& ref, const state_outcome& found) {
  // Only names are created: an id that is unknown stays unknown.
  if (!found && found.error() == store_error::no_such_room &&
      std::holds_alternative<std::string>(ref) &&
      std::ranges::any_of(lookups_[ref], &waiting::create))
    return create_for(ref);
  if (!found) return fail(ref, to_error(found.error()));
  auto& room = wake(*found);
  const auto queue = std::exchange(lookups_[ref], {});
  lookups_.erase(ref);
  for (auto entry : queue)
    answer(entry, lease(found->record.id, room));
}

/// Somebody wants the room to be; those who did not are told that there was none.
void directory::create_for(const room_ref& ref) {
  auto& queue = lookups_[ref];
  for (auto& entry : queue)
    if (!entry.create) answer(entry, unexpected(no_room));
  std::erase_if(queue, [](const waiting& entry) { return !entry.create; });
  if (has_hidden(std::get<std::string>(ref)))
    return fail(ref, {error_code::bad_request, "room must not hold invisible characters"});
  compat::request(this, writer_, lookup_timeout,
                  create_room{std::get<std::string>(ref), queue.front().owner})
      .then(
          [this, ref](const room_outcome& created) {
            count(created);
            if (!created && created.error() == store_error::already_exists)
              look_up(ref); // over HTTP, a moment ago
            else
              on_found(ref, created.map(
                                [](const room_record& record) { return room_state{record}; }));
          },
          [this, ref](const caf::error&) { fail(ref, to_error(store_error::io)); });
}

void directory::fail(const room_ref& ref, const error& why) {
  const auto queue = std::exchange(lookups_[ref], {});
  lookups_.erase(ref);
  for (auto entry : queue)
    answer(entry, unexpected(why));
}

void directory::answer(waiting& entry, resolve_outcome outcome) {
  --waiting_;
  entry.promise.deliver(std::move(outcome));
}

caf::result<room_outcome> directory::create(const create_room& request) {
  auto promise = make_response_promise<room_outcome>();
  compat::request(this, writer_, lookup_timeout, request)
      .then(
          [this, promise](room_outcome& created) mutable {
            count(created);
            promise.deliver(std::move(created));
          },
          [promise](const caf::error&) mutable {
            promise.deliver(room_outcome{unexpected(store_error::io)});
          });
  return promise;
}

void directory::count(const room_outcome& created) {
  if (!created && created.error() == store_error::too_many_rooms)
    refusals_->note(refused_by::rooms);
}

bool directory::retire(const retire_room& request) {
  const auto found = rooms_.find(request.room);
  if (found == rooms_.end()) return true;
  if (found->second.leases != request.leases) return false; // somebody is on the way to it
  ++retired_;
  names_.erase(found->second.name);
  actors_.erase(found->second.actor->id());
  rooms_.erase(found);
  return true;
}

directory::awake_room& directory::wake(const room_state& state) {
  const auto& record = state.record;
  const auto [place, is_new] = rooms_.try_emplace(record.id);
  auto& room = place->second;
  if (is_new) {
    room.actor = spawn_room_(state, directory_actor{this});
    room.name = record.name;
    names_.emplace(record.name, record.id);
    actors_.emplace(room.actor->id(), record.id);
    compat::watch(this, room.actor,
                  [this](const caf::actor_addr& gone) { on_room_down(gone); });
  }
  return room;
}

room_lease_ptr directory::lease(room_id id, awake_room& room) {
  ++room.leases;
  compat::anon_send(room.actor, lease_taken{});
  return std::make_shared<const room_lease>(room.actor, id, room.name);
}

directory::awake_room* directory::find(const room_ref& ref) {
  auto id = room_id{};
  if (const auto* name = std::get_if<std::string>(&ref)) {
    const auto found = names_.find(*name);
    if (found == names_.end()) return nullptr;
    id = found->second;
  } else {
    id = std::get<room_id>(ref);
  }
  const auto found = rooms_.find(id);
  return found == rooms_.end() ? nullptr : &found->second;
}

/// A room that retired is forgotten already; this is for one that failed.
void directory::on_room_down(const caf::actor_addr& address) {
  const auto found = actors_.find(address.id());
  if (found == actors_.end()) return;
  const auto room = rooms_.find(found->second);
  names_.erase(room->second.name);
  rooms_.erase(room);
  actors_.erase(found);
}

} // namespace hubbub
