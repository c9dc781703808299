#include "actors/room/room_core.hpp"

#include "actors/room/room.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

/// Returns the counter of the room's io thread; none in tests that count nothing.
refusal_counter_ptr counter_of(const room_setup& setup, room_id room) {
  const auto& counters = setup.refusals;
  return counters.empty() ? nullptr
                          : counters[static_cast<std::size_t>(room.value) % counters.size()];
}

} // namespace

room_core::room_core(room& actor, room_setup_ptr common, const room_state& state)
    : self(&actor), setup(std::move(common)),
      label(std::make_shared<room_label>(
          room_label{state.record.id, state.record.name,
                     policy_for(state.record.name, setup->settings.slow_readers)})),
      rights(state.record, standing_table{state.standings}, setup->settings.open_edit,
             setup->now),
      history(state.record.id, state.record.last_seq, state.record.last_rev),
      outbox(state.record.id, members, setup->relays.size(),
             counter_of(*setup, state.record.id), state.record.name),
      writes(setup->settings.appends_per_room) {
  for (const auto& each : state.elsewhere)
    (void)members.put_elsewhere(each);
}

bool room_core::may_write(const room_request& request) const {
  const auto* socket = request.from_socket();
  return socket == nullptr || members.contains(socket->session);
}

void room_core::count(refused_by why) const {
  note_refusal(setup->refusals, static_cast<std::size_t>(id().value), why);
}

void room_core::note(const trace_record& step, std::string_view user) const {
  note_step(setup->refusals, static_cast<std::size_t>(id().value), step, user, name());
}

void room_core::note_by(const trace_record& step, std::string_view user,
                        std::string_view by) const {
  if (const auto counter = counter_of(*setup, id()))
    counter->note_step_by(step, user, name(), by);
}

void room_core::count(const message& stored) const {
  const auto& counters = setup->refusals;
  if (counters.empty()) return;
  const auto room = static_cast<std::uint64_t>(id().value);
  counters[room % counters.size()]->note_message(room, name(), stored.user_id);
}

chat_measures* room_core::measures() const {
  const auto counter = counter_of(*setup, id());
  return counter ? &counter->measures() : nullptr;
}

void room_core::run(room_request& request) {
  static_cast<room*>(self)->run(request);
}

void room_core::hear_of(revision rev) {
  static_cast<room*>(self)->hear_of(rev);
}

void room_core::obey(const room_order& order) {
  static_cast<room*>(self)->obey(order);
}

bool room_core::say_elsewhere(bus_said what) {
  if (!setup->bus || !outbox.begin_saying_elsewhere()) return false;
  const auto taken = [this] { outbox.end_saying_elsewhere(); };
  compat::request(self, setup->bus.actor, caf::infinite, std::move(what))
      .then([taken](bool) { taken(); }, [taken](const caf::error&) { taken(); });
  setup->bus.ring();
  return true;
}

void room_core::advance(session_id session) {
  while (auto item = lanes.next(session))
    std::visit([this](auto& todo) { static_cast<room*>(self)->run(todo); }, *item);
}

bool room_core::is_idle() const {
  return life.is_free() && members.empty() && writes.is_idle() && lanes.empty();
}

void room_core::retire_if_idle() {
  if (!is_idle()) return;
  const auto end = now() + setup->settings.room_linger;
  if (life.linger(end)) tick_at(end);
}

void room_core::tick_at(time_point when) {
  if (!ticks.set(when)) return;
  const auto delay = std::max(when - now(), time_point::duration::zero());
  compat::delayed_send(self, room_actor{self}, delay, room_tick{});
}

void room_core::flush() {
  outbox.flush([this](std::size_t thread, relay_orders&& orders) {
    compat::anon_send(setup->relays[thread], std::move(orders));
  });
}

void room_core::clear() {
  members = {};
  lanes.clear();
  returning.clear();
  writes.clear();
  outbox.close();
  setup.reset();
}

} // namespace hubbub
