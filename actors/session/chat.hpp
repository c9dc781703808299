#pragma once

#include "actors/interfaces.hpp"
#include "actors/session/authenticator.hpp"
#include "actors/session/connection_counter.hpp"
#include "actors/session/session.hpp"
#include "actors/session/session_rates.hpp"
#include "actors/settings.hpp"
#include "actors/store/store_actors.hpp"
#include "proto/chat/chat_command.hpp"
#include "proto/socket/application.hpp"
#include "proto/socket/recovery_offset.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace hubbub {

/// The chat has no other.
inline constexpr std::string_view main_namespace = "/";

/// What all chats of a server share.
struct chat_setup {
  directory_actor directory;
  recovery_actor recovery;
  recovery_secret secret; ///< for offsets
  chat_settings settings;
  auth_slots auth = {}; ///< none: open mode
  wall_clock clock = wall_clock_now;
  /// For rates by user and address; without them there are none.
  limiter_actor limiter = {};
  rate_books books = {};
  connection_counter_actor connection_counter = {};
  refusal_books refusals = {}; ///< by io thread
};
using chat_setup_ptr = std::shared_ptr<const chat_setup>;

/// The chat of one connection: reads client events, names the client, and passes requests to
/// rooms in order. Rooms answer through the relay; here only what no room was asked for is
/// answered. Runs inside its session actor.
class chat final : public application {
 public:
  chat(const session_context& context, chat_setup_ptr setup);

  [[nodiscard]] admission on_connect(std::string_view nsp, json::value auth) override;
  void on_connected(std::string_view nsp, json::value auth) override;
  void on_event(event_packet event) override;
  void on_ack(ack_packet ack) override;
  void on_disconnect(std::string_view nsp, close_reason reason) override;
  void on_time() override;

 private:
  /// One client event on its way to a room.
  struct errand {
    std::optional<ack_id> ack;
    std::string event;
    chat_command command;
  };

  [[nodiscard]] const chat_settings& settings() const { return setup_->settings; }

  // chat_access.cpp: who the client is, and for how long
  [[nodiscard]] std::optional<refusal> identify(json::value auth);
  [[nodiscard]] user_ptr named(const access_ptr& access, recoverable_ptr session) const;
  void await_expiry();
  [[nodiscard]] bool expired() const;
  void expire();
  void count_connection();
  void refuse_connection();
  void refresh(const errand& todo, json::value payload);
  [[nodiscard]] std::vector<room_id> leave_forbidden(const access& before);

  [[nodiscard]] std::string_view arrival_user() const;
  void make_session();
  [[nodiscard]] admission begin_recoverable();
  void claim(recovery_request asked);
  void on_claimed(const claim_outcome& outcome);
  void return_to_rooms();
  [[nodiscard]] std::vector<room_position> places_on_arrival() const;
  [[nodiscard]] std::optional<sequence> missed_from(room_id room) const;

  void pump();
  void resolve(bool create);
  void on_resolved(session_id asker, const resolve_outcome& outcome, bool create);
  [[nodiscard]] bool may_create(const chat_command& command) const;
  void dispatch(errand& todo, const room_lease_ptr& room);
  [[nodiscard]] std::optional<error> enter(errand& todo, const room_lease_ptr& room);
  [[nodiscard]] bool has_free_seat() const;
  void give_up(room_id room);
  void hear_of_joins();
  [[nodiscard]] room_lease_ptr joined(const room_ref& room) const;
  void fail(const errand& todo, const error& why);
  void answer(const errand& todo, const error& why);

  session* self_;
  session_id id_;
  connection_ptr out_;
  relay_actor relay_;
  chat_setup_ptr setup_;
  std::shared_ptr<const auth_slot> auth_; ///< of this thread
  session_rates rates_;

  /// What is known of a client on its way in: what it will be recovered by, and what it has
  /// been given back.
  struct arrival {
    std::string pid;
    recoverable_ptr session;
    std::string claimed; ///< the private id of the session that it wants back
    std::optional<recovered_session> recovered;
    std::optional<std::string> username; ///< of open mode
    access_ptr access = open_access();
  };
  std::unique_ptr<arrival> arrival_; ///< from the CONNECT on until it is in
  missed_rooms missed_; ///< by an earlier session; each is told at the join that lets it in

  counted_connection counted_;
  user_ptr who_; ///< nameless until the handshake or the first join names it
  /// A room that the socket is in, or on its way into.
  struct seat {
    room_lease_ptr room;
    bool recovered = false;  ///< came with the session, which may be on its way back yet
    std::uint32_t since = 0; ///< the number of the join that took it
    std::uint32_t joins = 0; ///< for it that have no answer yet
    bool leaving = false;    ///< a leave has no answer yet, and no join follows it
  };
  std::unordered_map<room_id, seat> rooms_;
  std::uint32_t joins_ = 0; ///< sent to rooms: the number of the latest
  /// In order; the first may wait for its room to be found. Mostly empty, and then a list takes
  /// no memory.
  std::list<errand> errands_;
  bool resolving_ = false;
};

} // namespace hubbub
