#include "actors/room/room.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

namespace {

const error too_many_wait{error_code::overloaded,
                          "too many requests wait in this room; try again soon"};

} // namespace

room::room(caf::actor_config& config, room_setup_ptr setup, room_state state)
    : room_actor::base(config), setup_(std::move(setup)), id_(state.record.id),
      name_(std::move(state.record.name)), owner_(std::move(state.record.owner)),
      is_private_(state.record.is_private), standings_(std::move(state.standings)),
      last_seq_(state.record.last_seq), last_rev_(state.record.last_rev),
      outbox_(id_, members_, setup_->relays.size()),
      label_(std::make_shared<room_label>(
          room_label{id_, name_, policy_for(name_, setup_->settings.slow_readers)})) {}

room::behavior_type room::make_behavior() {
  compat::watch(this, setup_->writer, [this](const caf::actor_addr&) { on_writer_down(); });
  return {
      [this](room_request& request) {
        take(std::move(request));
        flush();
      },
      [this](const room_departure& departure) {
        take_notice(departure);
        flush();
      },
      [this](const room_renewal& renewal) {
        take_notice(renewal);
        flush();
      },
      [this](room_return& request) { take(std::move(request)); },
      [this](room_post& message) { return post(message); },
      [this](room_change& request) { return change(request); },
      [this](const list_members& query) { return list(query); },
      [this](room_order& asked) { return carry_out(asked); },
      [this](write_results& results) {
        on_written(results);
        flush();
      },
      [this](lease_taken) {
        ++leases_;
        ++leases_ever_;
        retire_at_.reset();
      },
      [this](lease_returned) {
        --leases_;
        retire_if_idle();
      },
      [this](room_tick) {
        on_tick();
        flush();
      },
  };
}

void room::on_exit() {
  if (setup_) compat::unwatch(this, setup_->writer);
  members_ = {};
  lanes_.clear();
  returning_.clear();
  writes_.clear();
  reads_.clear();
  ahead_.clear();
  outbox_.close();
  setup_.reset();
}

void room::take(room_request request) {
  const bool waits = lanes_.must_wait(request.from, is_write(request.command));
  if ((waits || is_read(request.command)) && is_crowded(request.command)) {
    if (const auto why = judge(*request.who, request.command))
      return outbox_.refuse(request, *why);
    count(refused_by::requests_per_room);
    return outbox_.refuse(request, too_many_wait);
  }
  if (!waits) return run(request);
  lanes_.wait(std::move(request));
}

/// What the room refuses for itself.
void room::count(refused_by why) const {
  note_refusal(setup_->refusals, static_cast<std::size_t>(id_.value), why);
}

/// A leave is never refused, since its session has left already.
bool room::is_crowded(const chat_command& command) const {
  return lanes_.waiting() + reads_.size() >= setup_->settings.requests_per_room &&
         !std::holds_alternative<leave_room>(command);
}

/// Of a session: in its turn, and never refused.
template <class Notice>
void room::take_notice(const Notice& notice) {
  if (!lanes_.must_wait(notice.from, false)) return run(notice);
  lanes_.wait(notice);
}

void room::advance(session_id session) {
  while (auto item = lanes_.next(session))
    std::visit([this](auto& todo) { run(todo); }, *item);
}

void room::run(room_request& request) {
  if (const auto why = judge(*request.who, request.command))
    return outbox_.refuse(request, *why);
  // The command stays in its request, which travels on with what it waits for.
  std::visit([&](auto& command) { run(request, command); }, request.command);
}

void room::run(const room_departure& departure) {
  remove(departure.from, departure.reason, nullptr, false);
  retire_if_idle();
}

bool room::idle() const {
  return leases_ == 0 && members_.empty() && writes_.empty() && lanes_.empty() &&
         searches_ == 0;
}

void room::retire_if_idle() {
  if (!idle() || retiring_ || retire_at_) return;
  retire_at_ = clock().now() + setup_->settings.room_linger;
  tick_at(*retire_at_);
}

void room::tick_at(time_point when) {
  if (tick_at_ && *tick_at_ <= when) return;
  tick_at_ = when;
  const auto delay = std::max(when - clock().now(), time_point::duration::zero());
  compat::delayed_send(this, room_actor{this}, delay, room_tick{});
}

void room::on_tick() {
  const auto now = clock().now();
  if (!tick_at_ || now < *tick_at_) return; // a tick that a nearer one replaced
  tick_at_.reset();
  expire_typing(now);
  give_up_reads(now);
  if (const auto due = presence_.due(); due && *due <= now) tell_presence();
  if (retire_at_ && *retire_at_ <= now) {
    retire_at_.reset();
    if (idle() && !left_.empty()) {
      store_left();
    } else if (idle() && !retiring_) {
      retiring_ = true;
      compat::request(this, setup_->directory, caf::infinite, retire_room{id_, leases_ever_})
          .then([this](bool granted) {
            retiring_ = false;
            if (granted)
              quit();
            else
              retire_if_idle();
          });
    }
  }
  if (const auto next = typing_.next()) tick_at(*next);
  if (const auto due = presence_.due()) tick_at(*due);
  if (retire_at_) tick_at(*retire_at_);
  if (!reads_.empty()) tick_at(reads_.front().first);
}

void room::flush() {
  outbox_.flush([this](std::size_t thread, relay_orders&& orders) {
    compat::anon_send(setup_->relays[thread], std::move(orders));
  });
}

error to_error(store_error why) {
  switch (why) {
  case store_error::full: return {error_code::storage_full, "the disk of the server is full"};
  case store_error::io:
    return {error_code::storage_error, "the server could not store or read"};
  case store_error::corrupt:
    return {error_code::storage_error, "the database of the server is damaged"};
  case store_error::no_such_room: return {error_code::not_found, "there is no such room"};
  case store_error::already_exists:
    return {error_code::already_exists, "a room of this name exists"};
  case store_error::not_repeated: return {error_code::not_a_member, "join the room first"};
  case store_error::no_such_message: return {error_code::not_found, "there is no such message"};
  case store_error::session_over: // and nobody is left to hear it
    return {error_code::storage_error, "the connection has ended"};
  case store_error::too_many_rooms:
    return {error_code::limit_exceeded, "the server has as many rooms as it may have"};
  case store_error::busy:
    return {error_code::overloaded, "too many messages wait to be stored; try again soon"};
  case store_error::not_the_author:
    return {error_code::forbidden, "only its author may change a message"};
  case store_error::no_search:
    return {error_code::storage_error, "messages of this server cannot be searched"};
  }
  return {error_code::storage_error, "the server could not store or read"};
}

} // namespace hubbub
