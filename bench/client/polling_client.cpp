#include "bench/client/polling_client.hpp"

#include <utility>

namespace hubbub::bench {
namespace {

constexpr char record_separator = '\x1e';

/// Returns the value of `"sid":"…"`; ids need no escaping.
std::string_view session_id(std::string_view handshake) {
  constexpr std::string_view name = R"("sid")";
  auto at = handshake.find(name);
  if (at == std::string_view::npos) return {};
  at = handshake.find('"', at + name.size());
  if (at == std::string_view::npos) return {};
  return handshake.substr(at + 1, handshake.find('"', at + 1) - at - 1);
}

} // namespace

std::unique_ptr<http_connection> post_pool::take() {
  if (free_.empty()) return std::make_unique<http_connection>(*loop_, *server_, made_++);
  auto connection = std::move(free_.back());
  free_.pop_back();
  return connection;
}

void post_pool::give_back(std::unique_ptr<http_connection> connection) {
  if (connection->is_busy()) connection->drop();
  free_.push_back(std::move(connection));
}

polling_client::polling_client(std::size_t number, const client_setting& setting,
                               post_pool& posts)
    : client(number, setting, posts.server()), posts_(&posts),
      get_(*setting.loop, posts.server(), number) {}

void polling_client::read_some(std::size_t /*bytes*/) {
  if (is_open() && !get_.is_busy()) poll();
}

void polling_client::start() {
  reads_ = true;
  target_ = setting().words->path + "?EIO=4&transport=polling";
  on_transport_open();
  poll();
}

void polling_client::write(char engine_type, std::string_view data) {
  if (!unsent_.empty()) unsent_ += record_separator;
  unsent_ += engine_type;
  unsent_ += data;
  if (std::exchange(flushes_, true)) return;
  setting().loop->at_pass_end(*this);
}

void polling_client::finish() {
  write('1', {});
}

void polling_client::reset() {
  get_.drop();
  return_post();
  unsent_.clear();
}

void polling_client::on_session(std::string_view handshake) {
  target_.append("&sid=").append(session_id(handshake));
}

void polling_client::on_pass_end() {
  flushes_ = false;
  if (current_stage() != stage::off) post();
}

void polling_client::poll() {
  get_.get(target_, *this);
}

void polling_client::post() {
  if (post_ != nullptr || unsent_.empty()) return;
  post_ = posts_->take();
  post_->post(target_, std::exchange(unsent_, {}), *this);
}

void polling_client::on_response(http_connection& from, int status, std::string_view body) {
  if (&from != &get_) {
    return_post();
    if (status != http_ok)
      return on_end(fault::refused, "got status " + std::to_string(status) + " to a POST");
    if (current_stage() == stage::leaving && unsent_.empty())
      return on_end(fault::unexpected_close, "has left");
    return post();
  }
  if (status != http_ok)
    return on_end(fault::refused, "got status " + std::to_string(status) + " to a poll");
  on_payload(body);
  if (current_stage() != stage::off && current_stage() != stage::leaving && reads_ &&
      !get_.is_busy())
    poll();
}

void polling_client::on_no_response(http_connection& from, std::string why) {
  if (&from != &get_) return_post();
  on_end(fault::unexpected_close, std::move(why));
}

void polling_client::on_payload(std::string_view body) {
  while (current_stage() != stage::off) {
    const auto end = body.find(record_separator);
    on_engine_packet(body.substr(0, end));
    if (end == std::string_view::npos) break;
    body.remove_prefix(end + 1);
  }
}

void polling_client::return_post() {
  if (post_ != nullptr) posts_->give_back(std::move(post_));
}

} // namespace hubbub::bench
