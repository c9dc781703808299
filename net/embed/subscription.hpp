#pragma once

#include "actors/connection.hpp"
#include "actors/interfaces.hpp"
#include "net/embed/wire_values.hpp"
#include "proto/ids.hpp"

#include <hubbub/requests.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

namespace hubbub {

/// What a subscription needs of its gateway.
class subscription_host {
 public:
  virtual ~subscription_host() = default;
  subscription_host() = default;
  subscription_host(const subscription_host&) = delete;
  subscription_host& operator=(const subscription_host&) = delete;

  /// Takes what a relay says to the connection `to`; the gateway passes it on in a turn of its
  /// own, to `hear`, and to `enter` if it says that the room has been entered.
  virtual void on_arrival(std::uint64_t to, const frame_ptr& what) = 0;
  virtual void on_arrival(std::uint64_t to, const room_position& entered) = 0;
  /// Sends one event to the subscriber.
  virtual void tell(std::uint64_t from, const api::room_event& event) = 0;
  /// Reads a room's log after a position; the outcome goes to `on_log`.
  virtual void read_log(std::uint64_t to, const room_position& after, std::int64_t limit) = 0;
  /// Reads the newest messages of a room up to a position; the outcome goes to `on_newest`.
  virtual void read_newest(std::uint64_t to, const room_position& up_to,
                           std::int64_t count) = 0;
  /// Has `try_again` called in a while.
  virtual void pause(std::uint64_t serial) = 0;
};

/// One subscription, which is a connection like a socket's to rooms and relays. It knows how
/// far its subscriber is in each room, and tells it no more than it has credit for. What it may
/// not tell is not kept: it is read from the log when there is credit again, and joins and
/// leaves that were lost are told as a `gap`.
class subscription final : public connection {
 public:
  /// Makes a subscription with the serial number `serial` of its connection. `host` outlives
  /// it.
  subscription(subscription_host& host, std::uint64_t serial, api::start from,
               std::int64_t credit);

  void send(const frame_ptr& what) override;
  void send_volatile(const frame_ptr& what) override { send(what); }
  void close(close_reason) override {} // only sockets are closed
  void wake_session_at(steady_time) override {}
  void on_entered(const room_position& at) override;

  /// Expects to enter a room, for the first time or after it has slept. A room that is new here
  /// is told from `known` on or, without a value, from where the subscription starts.
  /// Returns false if it hears of this room already.
  [[nodiscard]] bool expect(const room_lease_ptr& room,
                            const std::optional<room_position>& known);
  /// Says that from here on the room's events are heard. Returns where the subscriber is; after
  /// that `go_on` begins to tell.
  api::cursor enter(const room_position& at);
  /// Lets a room sleep, as far as this subscription is concerned.
  void release(room_id room);
  /// Tells the subscriber what a room says, or reads it later.
  void hear(const said& what);
  void grant(std::int64_t credit);
  void on_log(room_id room, const log_outcome& outcome);
  void on_newest(room_id room, const read_outcome& outcome);
  /// Goes on after a failure of the store.
  void try_again();
  /// Tells and reads what is due, as far as credit goes.
  void go_on();
  /// Says that the host has forgotten it: what a relay may still say is dropped.
  void leave_host() { host_ = nullptr; }

  /// Returns after which position another subscription would go on in a room.
  [[nodiscard]] api::cursor where(room_id room) const;

  [[nodiscard]] std::uint64_t serial() const { return serial_; }
  /// Calls `f` with each room that it keeps awake.
  template <class F>
  void for_each_lease(const F& f) const {
    for (const auto& [id, each] : seats_)
      if (each.room) f(each.room);
  }

 private:
  struct seat {
    room_lease_ptr room;     ///< null: the room may sleep
    caf::actor_id actor = 0; ///< the room's
    std::string name;
    room_position at;                   ///< what the subscriber has been told, or passed over
    revision head;                      ///< the newest change that was heard of
    bool has_begun = false;             ///< it was entered once
    bool is_entered = false;            ///< its events are heard
    bool is_live = false;               ///< the subscriber has everything that was heard
    bool waits = false;                 ///< it is in `behind_`
    bool has_lost_users = false;        ///< joins or leaves were not told
    std::optional<std::int64_t> newest; ///< so many of the last messages come first
    std::deque<api::room_event> first;  ///< those of them that wait for credit
  };

  void hear_logged(seat& in, const api::room_event& event);
  void hear_other(seat& in, const api::room_event& event);
  void fall_behind(seat& in);
  /// True if it did something for the room that waits longest, and may go on.
  [[nodiscard]] bool serve(seat& in);
  /// Tells the entries of a log; false if the credit did not suffice.
  [[nodiscard]] bool tell_entries(seat& in, const log_part& part);
  /// Tells that the messages up to this one are lost, if any are; false if the credit does not
  /// suffice.
  [[nodiscard]] bool tell_gap(seat& in, sequence up_to);
  void tell(const api::room_event& event);

  subscription_host* host_; ///< null at the end
  std::uint64_t serial_;
  api::start from_;
  std::int64_t credit_;
  std::unordered_map<room_id, seat> seats_;
  std::deque<room_id> behind_; ///< rooms that are not live, each once, in turn
  bool is_reading_ = false;
  bool is_paused_ = false;
};

} // namespace hubbub
