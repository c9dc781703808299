#include "proto/socket/socket_session.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {

socket_session::socket_session(socket_host& host, application& app, const socket_config& config,
                               steady_time now)
    : host_(&host), app_(&app), config_(&config), decoder_(config.limits),
      connect_until_(now + config.connect_timeout) {}

void socket_session::on_message(std::string data, bool binary, steady_time now) {
  if (state_ != state::open) return;
  auto fed = decoder_.feed(std::move(data), binary);
  if (!fed) return violate();
  if (!decoder_.incomplete())
    attachments_until_.reset();
  else if (!attachments_until_)
    attachments_until_ = now + config_->attachments_timeout;
  if (auto& packet = *fed) std::visit([this](auto& p) { on_packet(std::move(p)); }, *packet);
}

void socket_session::on_packet(connect_packet packet) {
  const auto& nsp = packet.nsp;
  if (connected(nsp) || is_undecided(nsp)) return violate();
  if (namespaces_.size() + undecided_count() >= config_->max_namespaces)
    return refuse(nsp, R"({"message":"too many namespaces"})");

  const auto verdict = app_->on_connect(nsp, packet.auth.root());
  if (state_ != state::open) return;
  if (std::holds_alternative<decided_later>(verdict))
    trouble().undecided.push_back(std::move(packet));
  else
    answer(packet, verdict);
}

void socket_session::decide(std::string_view nsp, const admission& verdict) {
  if (state_ != state::open || !is_undecided(nsp)) return;
  auto& waiting = troubles_->undecided;
  const auto asked = std::ranges::find(waiting, nsp, &connect_packet::nsp);
  const auto packet = std::move(*asked);
  waiting.erase(asked);
  answer(packet, verdict);
}

bool socket_session::is_undecided(std::string_view nsp) const {
  return troubles_ && std::ranges::find(troubles_->undecided, nsp, &connect_packet::nsp) !=
                          troubles_->undecided.end();
}

void socket_session::answer(const connect_packet& packet, const admission& verdict) {
  const auto& nsp = packet.nsp;
  if (const auto* refused = std::get_if<refusal>(&verdict))
    return refuse(nsp, refused->error_json);

  const auto& admitted = std::get<welcome>(verdict);
  host_->send(encode_connect(nsp, admitted.sid.empty() ? host_->new_sid() : admitted.sid,
                             admitted.pid));
  if (state_ != state::open) return;
  if (connect_until_) host_->on_connected();
  connect_until_.reset();
  if (troubles_) {
    troubles_->refused = 0;
    troubles_->crossing = 0;
    std::erase(troubles_->left, nsp);
    if (troubles_->left.empty() && troubles_->undecided.empty()) troubles_.reset();
  }
  namespaces_.insert(std::ranges::lower_bound(namespaces_, nsp), nsp);
  app_->on_connected(nsp, packet.auth.root());
}

void socket_session::refuse(std::string_view nsp, std::string_view error_json) {
  host_->send(encode_connect_error(nsp, error_json));
  if (++trouble().refused >= config_->max_refused_connects) end(close_reason::connect_refused);
}

void socket_session::on_packet(const disconnect_packet& packet) {
  if (admit(packet.nsp)) leave(packet.nsp, close_reason::client_disconnect);
}

void socket_session::on_packet(event_packet packet) {
  if (admit(packet.nsp)) app_->on_event(std::move(packet));
}

void socket_session::on_packet(ack_packet packet) {
  if (admit(packet.nsp)) app_->on_ack(std::move(packet));
}

bool socket_session::admit(std::string_view nsp) {
  if (connected(nsp)) return true;
  const bool was_left = troubles_ && std::find(troubles_->left.begin(), troubles_->left.end(),
                                               nsp) != troubles_->left.end();
  if (!was_left || ++troubles_->crossing > config_->max_crossing_packets) violate();
  return false;
}

void socket_session::on_closed(close_reason reason) {
  if (state_ == state::closed) return;
  state_ = state::closed;
  connect_until_.reset();
  attachments_until_.reset();
  if (troubles_) troubles_->undecided.clear();
  for (const auto& nsp : std::exchange(namespaces_, {}))
    app_->on_disconnect(nsp, reason);
}

void socket_session::on_time(steady_time now) {
  if (connect_until_ && now >= *connect_until_) end(close_reason::connect_timeout);
  if (attachments_until_ && now >= *attachments_until_) violate();
}

std::optional<steady_time> socket_session::deadline() const {
  if (!connect_until_ || !attachments_until_)
    return connect_until_ ? connect_until_ : attachments_until_;
  return std::min(*connect_until_, *attachments_until_);
}

void socket_session::emit(std::string_view nsp, std::string_view name,
                          std::string_view args_json,
                          const std::vector<std::string>& attachments,
                          std::optional<ack_id> id) {
  if (state_ == state::open && connected(nsp))
    send_all(encode_event(nsp, name, args_json, attachments, id));
}

void socket_session::ack(std::string_view nsp, ack_id id, std::string_view args_json,
                         const std::vector<std::string>& attachments) {
  if (state_ == state::open && connected(nsp))
    send_all(encode_ack(nsp, id, args_json, attachments));
}

void socket_session::disconnect(std::string_view nsp, close_reason reason) {
  if (state_ != state::open || !connected(nsp)) return;
  host_->send(encode_disconnect(nsp));
  leave(nsp, reason);
}

void socket_session::disconnect_all(close_reason reason) {
  const auto all = namespaces_;
  for (const auto& nsp : all)
    disconnect(nsp, reason);
}

bool socket_session::connected(std::string_view nsp) const {
  return std::find(namespaces_.begin(), namespaces_.end(), nsp) != namespaces_.end();
}

void socket_session::leave(std::string_view nsp, close_reason reason) {
  const auto found = std::find(namespaces_.begin(), namespaces_.end(), nsp);
  // sending closed the connection, and the application has been told
  if (found == namespaces_.end()) return;
  const auto name = std::move(*found); // `nsp` may point into it
  namespaces_.erase(found);
  auto& left = trouble().left;
  if (left.size() >= config_->max_namespaces) left.erase(left.begin());
  left.push_back(name);
  app_->on_disconnect(name, reason);
}

void socket_session::send_all(const std::vector<frame_ptr>& frames) {
  for (const auto& frame : frames)
    host_->send(frame);
}

void socket_session::end(close_reason reason) {
  if (state_ != state::open) return;
  state_ = state::ending;
  connect_until_.reset();
  attachments_until_.reset();
  host_->close(reason);
}

} // namespace hubbub
