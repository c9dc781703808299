#include "net/api/admin_ui.hpp"

#include "net/api/number_json.hpp"
#include "net/api/process_metrics.hpp"
#include "proto/access/permissions.hpp"
#include "proto/json/json.hpp"

#include <unistd.h>

#include <array>
#include <utility>

namespace hubbub {
namespace {

constexpr std::string_view wrong_password = R"({"message":"invalid credentials"})";
constexpr double milliseconds_a_second = 1'000;

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "hubbub";
}

/// Writes how often something happened since the last time, unless it did not.
void write_events(json::writer& out, std::string_view type, std::string_view kind,
                  std::uint64_t count, timestamp at) {
  if (count == 0) return;
  out.begin_object().field("timestamp", at.value).field("type", type);
  if (!kind.empty()) out.field("subType", kind);
  out.field("count", static_cast<std::int64_t>(count)).end_object();
}

} // namespace

admin_ui::admin_ui(const session_context& context, admin_ui_setup_ptr setup)
    : self_(context.self), out_(context.out), thread_(context.id.thread),
      setup_(std::move(setup)), alive_(std::make_shared<const bool>(true)) {}

/// Returns the rights of a client with this password; null if it may not look.
access_ptr admin_ui::access_of(std::string_view password) const {
  const auto& keys = *keys_;
  access_ptr allowed;
  if (password.starts_with(api_key_prefix))
    allowed = keys.check_api_key(password);
  else if (auto checked = keys.check_token(password, setup_->clock()))
    allowed = std::move(*checked);
  return allowed && !permissions::may_operate(*allowed) ? allowed : nullptr;
}

admission admin_ui::on_connect(std::string_view, json::value auth) {
  if (thread_ >= setup_->auth.size() || !setup_->auth[thread_]->current->has_keys())
    return refusal{R"({"message":"Invalid namespace"})"};
  keys_ = setup_->auth[thread_]->current;
  access_ = access_of(auth.find("password").string().value_or(""));
  if (!access_) return refusal{std::string{wrong_password}};
  return welcome{};
}

void admin_ui::on_connected(std::string_view, json::value) {
  // This is what the package calls read-only: the page shows numbers and nothing else.
  self_->socket().emit(name_space, "config", R"({"supportedFeatures":["AGGREGATED_EVENTS"]})");
  told_.reset();
  tell();
}

void admin_ui::on_disconnect(std::string_view, close_reason) {
  access_ = nullptr;
}

void admin_ui::on_time() {
  if (!access_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < due_) return out_->wake_session_at(due_);
  if (access_->expires_at && setup_->clock() >= *access_->expires_at)
    return self_->socket().disconnect(name_space, close_reason::token_expired);
  // The keys were read again: the page connects anew, if its password still holds.
  if (setup_->auth[thread_]->current != keys_)
    return self_->socket().disconnect(name_space, close_reason::token_expired);
  tell();
}

void admin_ui::tell() {
  due_ = std::chrono::steady_clock::now() + interval;
  out_->wake_session_at(due_);
  setup_->counters[thread_](
      [this, alive = std::weak_ptr<const bool>{alive_}](const server_stats& stats) {
        if (!alive.expired() && access_) tell(stats);
      });
}

void admin_ui::tell(const server_stats& stats) {
  self_->socket().emit(
      name_space, "server_stats",
      admin_ui_stats(stats, told_.value_or(stats), setup_->node, setup_->clock()));
  told_ = stats;
}

std::string admin_ui_stats(const server_stats& now, const server_stats& before,
                           std::int64_t node, timestamp at) {
  const auto host = host_name();
  std::string text;
  json::writer out{text};
  out.begin_object();
  out.field("serverId", node > 0 ? host + "#" + std::to_string(node) : host);
  out.field("hostname", host).field("pid", std::int64_t{getpid()});
  out.key("uptime").raw(number_json(static_cast<double>(at.value) / milliseconds_a_second -
                                    ask_process().start_seconds));
  out.field("clientsCount", static_cast<std::int64_t>(now.sessions_open));
  out.field("pollingClientsCount", static_cast<std::int64_t>(now.polling_open));
  out.key("aggregatedEvents").begin_array();
  const auto since = [&](auto counter) { return now.*counter - before.*counter; };
  write_events(out, "rawConnection", {}, since(&server_stats::sessions_opened), at);
  for (std::size_t i = 0; i < close_reason_count; ++i)
    write_events(out, "rawDisconnection", to_string(static_cast<close_reason>(i)),
                 now.closed[i] - before.closed[i], at);
  write_events(out, "packetsIn", {}, since(&server_stats::packets_received), at);
  write_events(out, "packetsOut", {}, since(&server_stats::frames_sent), at);
  write_events(out, "bytesOut", {}, since(&server_stats::bytes_sent), at);
  out.end_array().key("namespaces").begin_array();
  out.begin_object()
      .field("name", "/")
      .field("socketsCount", static_cast<std::int64_t>(now.sessions_open))
      .end_object();
  out.end_array().end_object();
  return text;
}

} // namespace hubbub
