#pragma once

#include "actors/session/authenticator.hpp"
#include "actors/session/chat.hpp"
#include "actors/session/session.hpp"
#include "net/api/api_service.hpp"
#include "proto/ids.hpp"
#include "proto/socket/application.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// What all sessions need for the official Socket.IO Admin UI.
struct admin_ui_setup {
  auth_slots auth; ///< one for each io thread
  /// The server's counters, told on the io thread of the same index.
  std::vector<stats_source> counters;
  std::int64_t node = 0; ///< 0: the only server
  wall_clock clock = wall_clock_now;
};
using admin_ui_setup_ptr = std::shared_ptr<const admin_ui_setup>;

/// Tells the official Socket.IO Admin UI how the server does, as its package `instrument` does
/// in the mode `production` with `readonly`: every two seconds the numbers of clients, and of
/// packets and bytes since the last time. The password is an API key or an admin's token; the
/// user's name is ignored. Runs in a session of its own, in the namespace `/admin`.
class admin_ui final : public application {
 public:
  static constexpr std::string_view name_space = on_call_namespace;
  static constexpr std::chrono::seconds interval{2};

  admin_ui(const session_context& context, admin_ui_setup_ptr setup);

  [[nodiscard]] admission on_connect(std::string_view nsp, json::value auth) override;
  void on_connected(std::string_view nsp, json::value auth) override;
  void on_event(event_packet) override {} // nothing may be changed from here
  void on_ack(ack_packet) override {}
  void on_disconnect(std::string_view nsp, close_reason reason) override;
  void on_time() override;

 private:
  [[nodiscard]] access_ptr access_of(std::string_view password) const;
  void tell();
  void tell(const server_stats& stats);

  session* self_;
  connection_ptr out_;
  std::size_t thread_;
  admin_ui_setup_ptr setup_;
  authenticator_ptr keys_;            ///< the keys by which the password was checked
  access_ptr access_;                 ///< null: nobody is in the namespace
  steady_time due_{};                 ///< when it tells next
  std::optional<server_stats> told_;  ///< what it told last
  std::shared_ptr<const bool> alive_; ///< ends with this
};

/// Returns the event `server_stats` for the Admin UI: the counters, and how they grew since
/// `before`; `at` is the time.
[[nodiscard]] std::string admin_ui_stats(const server_stats& now, const server_stats& before,
                                         std::int64_t node, timestamp at);

} // namespace hubbub
