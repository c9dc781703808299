#include "proto/engine/engine_session.hpp"

#include "proto/json/json.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {
namespace {

constexpr std::string_view probe = "probe";

// A ping that goes out late by up to this fraction of the time-out still counts as sent when it
// was due, so that delayed timers do not postpone the end of a silent session.
constexpr int lateness_divisor = 10;

std::string handshake(std::string_view sid, const engine_config& config,
                      engine_transport transport) {
  std::string out;
  json::writer writer{out};
  writer.begin_object().field("sid", sid);
  writer.key("upgrades").begin_array();
  if (transport == engine_transport::polling) writer.string("websocket");
  writer.end_array();
  writer.field("pingInterval", std::int64_t{config.ping_interval.count()});
  writer.field("pingTimeout", std::int64_t{config.ping_timeout.count()});
  writer.field("maxPayload", static_cast<std::int64_t>(config.max_payload));
  writer.end_object();
  return out;
}

} // namespace

engine_session::engine_session(engine_host& host, const engine_config& config,
                               engine_transport transport)
    : host_(&host), config_(&config), transport_(transport) {}

void engine_session::open(std::string_view sid, steady_time now) {
  heartbeat_at_ = now + config_->ping_interval;
  host_->send_packet(engine_type::open, handshake(sid, *config_, transport_));
}

request_verdict engine_session::on_poll(steady_time now) {
  on_time(now);
  if (closed_) return request_verdict::unknown;
  if (transport_ != engine_transport::polling) return request_verdict::mismatch;
  if (poll_waiting_) {
    finish(close_reason::duplicate_poll, farewell::close_packet);
    return request_verdict::violation;
  }
  poll_waiting_ = true;
  next_poll_until_.reset();
  return request_verdict::accepted;
}

void engine_session::on_poll_answered() {
  poll_waiting_ = false;
}

void engine_session::on_poll_lost(steady_time now) {
  poll_waiting_ = false;
  if (!closed_ && transport_ == engine_transport::polling)
    next_poll_until_ = now + config_->lost_poll_grace;
}

bool engine_session::answer_polls_at_once() const {
  return !closed_ && upgrade_ == upgrade_state::probed;
}

request_verdict engine_session::on_post(std::string_view body, steady_time now) {
  on_time(now);
  if (closed_) return request_verdict::unknown;
  if (transport_ != engine_transport::polling) return request_verdict::mismatch;

  const auto refuse = [this](request_verdict verdict) {
    finish(close_reason::parse_error, farewell::close_packet);
    return verdict;
  };
  const auto is_too_large = [this](const engine_packet& packet) {
    const std::size_t digit = packet.binary ? 0 : 1; // counts over WebSocket, too
    return packet.data.size() + digit > config_->max_payload;
  };
  auto packets = decode_engine_payload(body);
  if (!packets) return refuse(request_verdict::violation);
  if (std::ranges::any_of(*packets, is_too_large)) return refuse(request_verdict::too_large);
  for (auto& packet : *packets) {
    if (!on_packet(std::move(packet), now)) return refuse(request_verdict::violation);
    if (closed_) break;
  }
  return request_verdict::accepted;
}

void engine_session::on_websocket_message(std::string data, bool binary, steady_time now) {
  on_time(now);
  if (closed_ || transport_ != engine_transport::websocket) return;

  auto packet = binary ? engine_packet{engine_type::message, true, std::move(data)}
                       : decode_engine_text(data);
  if (!packet || !on_packet(std::move(*packet), now)) {
    finish(close_reason::parse_error, farewell::close_packet);
  }
}

void engine_session::on_websocket_violation(steady_time now) {
  on_time(now);
  if (closed_ || transport_ != engine_transport::websocket) return;
  host_->send_packet(engine_type::close, {});
}

void engine_session::on_websocket_closed(close_reason reason, steady_time now) {
  if (transport_ != engine_transport::websocket) return;
  // A dead socket is not pinged; but a peer that was silent for too long is reported as a ping
  // timeout.
  finish(silent(now) ? close_reason::ping_timeout : reason, farewell::none);
}

bool engine_session::on_candidate(steady_time now) {
  on_time(now);
  if (closed_ || transport_ != engine_transport::polling) return false;
  if (upgrade_ != upgrade_state::none) return false;
  upgrade_ = upgrade_state::candidate;
  upgrade_until_ = now + config_->upgrade_timeout;
  return true;
}

void engine_session::on_candidate_message(std::string_view data, bool binary, steady_time now) {
  on_time(now);
  if (closed_ || upgrade_ == upgrade_state::none) return;

  const auto packet = decode_engine_text(data);
  const auto is_text = packet && !binary;
  const auto is_probe = is_text && packet->type == engine_type::ping && packet->data == probe;
  const auto is_upgrade = is_text && packet->type == engine_type::upgrade;
  if (upgrade_ == upgrade_state::candidate && is_probe) {
    on_probe();
  } else if (upgrade_ == upgrade_state::probed && is_upgrade) {
    on_upgrade();
  } else {
    abandon_upgrade();
  }
}

void engine_session::on_candidate_closed(steady_time now) {
  upgrade_ = upgrade_state::none;
  on_time(now);
}

void engine_session::close(close_reason reason) {
  finish(reason, farewell_for(reason));
}

void engine_session::on_time(steady_time now) {
  if (closed_) return;
  if (upgrade_ != upgrade_state::none && now >= upgrade_until_) abandon_upgrade();
  if (!closed_ && now >= heartbeat_at_) on_heartbeat(now);
  // A probe that is under way shows that the client is alive, and has a time limit of its own.
  if (!closed_ && upgrade_ == upgrade_state::none && next_poll_until_ &&
      now >= *next_poll_until_)
    finish(close_reason::transport_error, farewell::none);
}

std::optional<steady_time> engine_session::deadline() const {
  if (closed_) return std::nullopt;
  if (upgrade_ != upgrade_state::none) return std::min(heartbeat_at_, upgrade_until_);
  return std::min(heartbeat_at_, next_poll_until_.value_or(heartbeat_at_));
}

bool engine_session::on_packet(engine_packet packet, steady_time now) {
  switch (packet.type) {
  case engine_type::message:
    host_->on_message(std::move(packet.data), packet.binary);
    return true;
  case engine_type::close: finish(close_reason::client_close, farewell::none); return true;
  case engine_type::pong:
    // Only an awaited pong counts: a client cannot send pongs in advance.
    if (!std::exchange(awaiting_pong_, false)) return true;
    heartbeat_at_ = now + config_->ping_interval;
    host_->on_pong(now - pinged_at_);
    return true;
  case engine_type::open:
  case engine_type::ping:
  case engine_type::upgrade:
  case engine_type::noop: return false;
  }
  return false;
}

void engine_session::on_heartbeat(steady_time now) {
  if (awaiting_pong_) {
    finish(close_reason::ping_timeout, farewell_for(close_reason::ping_timeout));
    return;
  }
  const auto tolerance = config_->ping_timeout / lateness_divisor;
  heartbeat_at_ = std::max(heartbeat_at_, now - tolerance) + config_->ping_timeout;
  awaiting_pong_ = true;
  pinged_at_ = now;
  host_->send_packet(engine_type::ping, {});
}

void engine_session::on_probe() {
  upgrade_ = upgrade_state::probed;
  host_->send_on_candidate(engine_type::pong, probe);
  if (!closed_) host_->release_poll();
}

void engine_session::on_upgrade() {
  // A poll that still waits must be answered over HTTP now: after the switch nothing would
  // answer it.
  host_->release_poll();
  if (closed_ || upgrade_ != upgrade_state::probed) return;
  upgrade_ = upgrade_state::none;
  transport_ = engine_transport::websocket;
  poll_waiting_ = false;
  next_poll_until_.reset();
  host_->promote_candidate();
}

void engine_session::abandon_upgrade() {
  upgrade_ = upgrade_state::none;
  host_->drop_candidate();
}

engine_session::farewell engine_session::farewell_for(close_reason reason) {
  return is_wanted_back(reason) ? farewell::refusal : farewell::close_packet;
}

void engine_session::finish(close_reason reason, farewell last) {
  if (closed_) return;
  // Set before any callback runs, so that no input made by a callback finds the session alive.
  closed_ = true;
  if (last == farewell::close_packet) host_->send_packet(engine_type::close, {});
  if (last == farewell::refusal)
    host_->refuse_poll(reason);
  else
    host_->release_poll();
  if (upgrade_ != upgrade_state::none) abandon_upgrade();
  host_->on_closed(reason);
}

bool engine_session::silent(steady_time now) const {
  return awaiting_pong_ && now >= heartbeat_at_;
}

} // namespace hubbub
