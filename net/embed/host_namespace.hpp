#pragma once

#include "actors/runtime/pinned.hpp"
#include "actors/session/session.hpp"
#include "proto/socket/application.hpp"

#include <hubbub/application.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace hubbub {

/// Runs a host's application in a session, in one namespace of the host's own.
class host_namespace final : public application, private client_socket {
 public:
  /// Makes it for a session; `unit` is that of the session's io thread.
  host_namespace(const session_context& context, std::string nsp, io_unit& unit,
                 const application_maker& make);
  ~host_namespace() override;

  [[nodiscard]] admission on_connect(std::string_view nsp, json::value auth) override;
  void on_connected(std::string_view nsp, json::value auth) override;
  void on_event(event_packet event) override;
  void on_ack(ack_packet) override {} // a host's events want no answer
  void on_disconnect(std::string_view nsp, close_reason reason) override;

 private:
  bool emit(std::string_view event, std::string_view args) override;
  bool answer(std::uint64_t id, std::string_view args) override;
  void dismiss() override;
  [[nodiscard]] std::string address() const override;
  [[nodiscard]] client_actor actor() const override { return actor_; }
  void end_actor();

  session* self_;
  connection_ptr out_;
  std::string nsp_;
  io_unit* unit_;
  /// Where the actor finds this; null once the client has left. Both are on one thread.
  std::shared_ptr<client_socket*> link_;
  client_actor actor_;
  std::unique_ptr<host_application> app_;
};

/// Returns what makes it for each session. `unit_of(thread)` returns the io thread's.
[[nodiscard]] application_factory
serve_namespace(std::string nsp, application_maker make,
                std::function<io_unit&(std::size_t thread)> unit_of);

} // namespace hubbub
