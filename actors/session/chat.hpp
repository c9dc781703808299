#pragma once

#include "actors/chat_actors.hpp"
#include "actors/interfaces.hpp"
#include "actors/session/arrival.hpp"
#include "actors/session/authenticator.hpp"
#include "actors/session/client_identity.hpp"
#include "actors/session/connection_counter.hpp"
#include "actors/session/errand_queue.hpp"
#include "actors/session/room_seats.hpp"
#include "actors/session/session.hpp"
#include "actors/session/session_rates.hpp"
#include "actors/session/side_namespaces.hpp"
#include "actors/settings.hpp"
#include "actors/store/store_actors.hpp"
#include "proto/chat/chat_command.hpp"
#include "proto/socket/application.hpp"
#include "proto/socket/recovery_offset.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace hubbub {

/// The namespace of the chat itself.
inline constexpr std::string_view main_namespace = "/";
/// The namespace in which people on call are told how the server does.
inline constexpr std::string_view on_call_namespace = "/admin";

/// What all chats of a server share.
struct chat_setup {
  chat_actors actors; ///< a null limiter, or no accounts: no rates by user and address
  chat_settings settings;
  auth_slots auth = {}; ///< empty in open mode
  wall_clock clock = wall_clock_now;
  /// Make what serves the namespaces beside the chat.
  namespace_factories beside = {};
};
using chat_setup_ptr = std::shared_ptr<const chat_setup>;

/// The chat of one connection: reads client events, names the client, and passes requests to
/// rooms in order. Rooms answer through the relay; the chat itself only answers what was not
/// passed to a room. Runs inside its session actor.
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
  [[nodiscard]] const chat_settings& settings() const { return setup_->settings; }

  // chat_access.cpp: how long the client may stay, and where
  void await_expiry();
  void expire();
  void count_connection();
  void refresh(const errand& todo, const command::refresh_token& wanted);
  [[nodiscard]] std::vector<room_id> leave_forbidden(const access& before);

  void show_name(trace_return how = trace_return::fresh);
  /// Records a step of the client's story, if it has a name.
  void note(trace_record step) const;
  void ask_host(json::value auth, const recovery_request& asked, std::size_t bytes);
  [[nodiscard]] admission let_in(recovery_request asked, std::size_t bytes);
  [[nodiscard]] admission begin_recoverable();
  void reclaim(recovery_request asked);
  void on_reclaimed(const reclaim_outcome& outcome);

  void pass_on(const errand& todo, const event_packet& event);
  void queue(errand& todo, room_command& command);
  void pump();
  void resolve(bool create);
  void on_resolved(session_id asker, const resolve_outcome& outcome, bool create);
  [[nodiscard]] bool may_create(const room_command& command) const;
  void dispatch(errand& todo, const room_lease_ptr& room);
  [[nodiscard]] std::optional<error> enter(errand& todo, const room_lease_ptr& room);
  void fail(const errand& todo, const error& why);
  void answer(const errand& todo, const error& why);

  session* self_;
  session_id id_;
  connection* out_; ///< its session holds it
  chat_setup_ptr setup_;
  session_rates rates_;

  std::unique_ptr<side_namespaces> beside_; ///< null unless the client asked for one
  std::unique_ptr<arrival> arrival_;        ///< set from the CONNECT until the client is let in
  counted_connection counted_;
  client_identity who_;
  room_seats seats_;
  errand_queue errands_;
};

} // namespace hubbub
