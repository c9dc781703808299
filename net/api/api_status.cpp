// Routes about the state of the server: for probes, and for clients that want to know its
// features.
#include "net/api/api_service.hpp"
#include "net/version.hpp"
#include "proto/chat/api_body.hpp"

#include <chrono>
#include <string_view>
#include <vector>

namespace hubbub {
namespace {

constexpr unsigned unavailable = 503;
/// How long the writer may take to say how it is, for probes that wait for little more. It
/// answers between commits, and one may take as long as a disk or PostgreSQL is away.
constexpr std::chrono::seconds patience_for_writer{1};
/// How long the bus may take to say how it is; it is busy while it connects.
constexpr std::chrono::seconds patience_for_bus{1};

/// Returns the features that `GET /api/info` names; docs/api.md says what each word means.
std::vector<std::string_view> features(const chat_settings& settings, bool tokens) {
  std::vector<std::string_view> words{"polling", "websocket",       "client_id", "since",
                                      "typing",  "presence",        "members",   "read_markers",
                                      "around",  "history_filters", "recovery"};
  if (settings.search) words.emplace_back("search");
  if (settings.open_edit || tokens) words.emplace_back("edit");
  if (tokens) words.insert(words.end(), {"refresh_token", "moderation"});
  return words;
}

} // namespace

void api_service::tell_health(const api_call_ptr& call) {
  call->answer_json(200, R"({"status":"ok"})");
}

void api_service::tell_readiness(const api_call_ptr& call) {
  if (stopping_) return call->fail({error_code::overloaded, "the server is stopping"});
  const auto refuse = [call](const char* why) {
    call->fail({error_code::storage_error, why}, unavailable);
  };
  compat::request(this, setup_->actors.writer, patience_for_writer, ask_writer_stats{})
      .then(
          [this, call, refuse](const writer_stats& stats) {
            if (stats.healthy) return tell_bus(call);
            refuse("the store cannot be written to");
          },
          [refuse](const caf::error& why) {
            refuse(
                why == caf::sec::request_timeout
                    ? "the writer waits for the store: the disk, or PostgreSQL, is slow or away"
                    : "the store's writer has ended, so that nothing can be stored");
          });
}

/// Answers that the server is ready, and with a bus whether that carries anything. A server
/// without it serves everything, and so would all others, whose bus it is too.
void api_service::tell_bus(const api_call_ptr& call) {
  const auto& bus = setup_->actors.bus;
  if (!bus) return call->answer_json(200, R"({"status":"ready"})");
  const auto answer = [call](bool is_heard) {
    call->answer_json(200, is_heard ? R"({"status":"ready","bus":"heard"})"
                                    : R"({"status":"ready","bus":"silent"})");
  };
  compat::request(this, bus.actor, patience_for_bus, ask_bus_stats{})
      .then([answer](const bus_stats& stats) { answer(stats.is_heard); },
            [answer](const caf::error&) { answer(false); });
  bus.ring();
}

void api_service::tell_info(const api_call_ptr& call) {
  const bool tokens = auth_->current->wants_tokens();
  call->answer_json(200, info_json(hubbub_version, tokens ? "token" : "open",
                                   setup_->settings.limits, setup_->max_payload,
                                   features(setup_->settings, tokens)));
}

} // namespace hubbub
