#include "actors/session/session.hpp"

#include "actors/crypto/random_id.hpp"

#include <chrono>
#include <utility>
#include <variant>

namespace hubbub {

session::session(caf::actor_config& config, session_id id, connection_ptr out,
                 relay_actor relay, std::shared_ptr<const session_setup> setup, steady_time now)
    : session_actor::base(config), id_(id), out_(std::move(out)), relay_(std::move(relay)),
      setup_(std::move(setup)), started_(now) {}

session::behavior_type session::make_behavior() {
  app_ = setup_->make_application({this, id_, out_, relay_});
  socket_host& host = *this;
  socket_.emplace(host, *app_, setup_->config, started_);
  wake_in_time();
  return {
      [this](inbound_message& message) { on_message(message); },
      [this](const session_event& what) {
        std::visit([this](const auto& each) { hear(each); }, what);
      },
  };
}

void session::hear(const connection_closed& closed) {
  finish(closed.reason);
}

void session::hear(wake_session) {
  socket_->on_time(std::chrono::steady_clock::now());
  app_->on_time();
  wake_in_time();
}

void session::hear(supersede_session) {
  out_->close(close_reason::superseded);
}

void session::hear(dismiss_session) {
  socket_->disconnect_all(close_reason::server_disconnect);
}

void session::on_message(inbound_message& message) {
  received_bytes_ += message.data.size();
  const auto was_due = socket_->deadline();
  socket_->on_message(std::move(message.data), message.binary,
                      std::chrono::steady_clock::now());
  if (socket_->deadline() != was_due) wake_in_time();
  if (const auto held = socket_->held(); held != held_) out_->note_held(held_ = held);
}

void session::wake_in_time() {
  if (const auto deadline = socket_->deadline()) out_->wake_session_at(*deadline);
}

void session::finish(close_reason reason) {
  socket_->on_closed(reason);
  quit();
}

void session::on_exit() {
  // The connection holds this actor and this actor the connection; this breaks the cycle.
  socket_.reset();
  app_.reset();
  out_.reset();
  relay_ = nullptr;
  setup_.reset();
}

void session::send(frame_ptr frame) {
  out_->send(frame);
}

void session::close(close_reason reason) {
  out_->close(reason);
}

void session::on_connected() {
  out_->on_connected();
}

std::string session::new_sid() {
  return random_id();
}

} // namespace hubbub
