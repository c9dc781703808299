#include "bench/client/client.hpp"

#include <utility>

namespace hubbub::bench {
namespace {

constexpr char engine_open = '0';
constexpr char engine_close = '1';
constexpr char engine_ping = '2';
constexpr char engine_pong = '3';
constexpr char engine_message = '4';
constexpr char engine_noop = '6';
constexpr char socket_connect = '0';

std::string connect_packet(const dialect& words, std::size_t number) {
  std::string packet{socket_connect};
  if (!words.auth_username.empty())
    packet += R"({")" + words.auth_username + R"(":")" + user_name(number) + R"("})";
  return packet;
}

} // namespace

std::string user_name(std::size_t number) {
  return "user-" + std::to_string(number);
}

void client::connect() {
  stage_ = stage::connecting;
  start();
}

void client::say_goodbye() {
  write(engine_message, {&socket_disconnect, 1});
  stage_ = stage::leaving;
  finish();
}

void client::drop() {
  stage_ = stage::off;
  reset();
}

void client::on_engine_packet(std::string_view text) {
  if (text.empty()) return on_end(fault::protocol_error, "got an empty packet");
  const auto data = text.substr(1);
  if (text[0] == engine_message && stage_ == stage::open) {
    setting_->owner->on_packet(*this, data);
  } else if (text[0] == engine_ping) {
    write(engine_pong, data);
  } else if (text[0] == engine_open && stage_ == stage::opening) {
    on_session(data);
    stage_ = stage::greeting;
    write(engine_message, connect_packet(*setting_->words, number_));
  } else if (text[0] == engine_message && stage_ == stage::greeting) {
    if (!data.starts_with(socket_connect))
      return on_end(fault::refused, "was refused: " + shown(data));
    stage_ = stage::open;
    setting_->owner->on_ready(*this);
  } else if (text[0] == engine_close) {
    on_end(fault::unexpected_close, "was closed by the server");
  } else if (text[0] != engine_noop && stage_ != stage::leaving) {
    on_end(fault::protocol_error, "got " + shown(text));
  }
}

void client::on_end(fault kind, std::string why) {
  const auto was = std::exchange(stage_, stage::off);
  if (was == stage::off) return;
  reset();
  if (was == stage::leaving)
    setting_->owner->on_goodbye(*this);
  else
    setting_->owner->on_lost(*this, kind, std::move(why));
}

} // namespace hubbub::bench
