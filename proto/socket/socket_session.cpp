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
  if (connected(nsp) ||
      std::ranges::find(undecided_, nsp, &connect_packet::nsp) != undecided_.end())
    return violate();
  if (namespaces_.size() + undecided_.size() >= config_->max_namespaces)
    return refuse(nsp, R"({"message":"too many namespaces"})");

  const auto verdict = app_->on_connect(nsp, packet.auth.root());
  if (state_ != state::open) return;
  if (std::holds_alternative<decided_later>(verdict))
    undecided_.push_back(std::move(packet));
  else
    answer(packet, verdict);
}

void socket_session::decide(std::string_view nsp, const admission& verdict) {
  const auto asked = std::ranges::find(undecided_, nsp, &connect_packet::nsp);
  if (state_ != state::open || asked == undecided_.end()) return;
  const auto packet = std::move(*asked);
  undecided_.erase(asked);
  answer(packet, verdict);
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
  refused_ = 0;
  crossing_ = 0;
  std::erase(left_, nsp);
  namespaces_.insert(nsp);
  app_->on_connected(nsp, packet.auth.root());
}

void socket_session::refuse(std::string_view nsp, std::string_view error_json) {
  host_->send(encode_connect_error(nsp, error_json));
  if (++refused_ >= config_->max_refused_connects) end(close_reason::connect_refused);
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
  const bool was_left = std::find(left_.begin(), left_.end(), nsp) != left_.end();
  if (!was_left || ++crossing_ > config_->max_crossing_packets) violate();
  return false;
}

void socket_session::on_closed(close_reason reason) {
  if (state_ == state::closed) return;
  state_ = state::closed;
  connect_until_.reset();
  attachments_until_.reset();
  undecided_.clear();
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
  return namespaces_.contains(nsp);
}

void socket_session::leave(std::string_view nsp, close_reason reason) {
  const auto found = namespaces_.find(nsp);
  // sending closed the connection, and the application has been told
  if (found == namespaces_.end()) return;
  // Extracted whole, since `nsp` may point into it.
  const auto node = namespaces_.extract(found);
  if (left_.size() >= config_->max_namespaces) left_.erase(left_.begin());
  left_.push_back(node.value());
  app_->on_disconnect(node.value(), reason);
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
