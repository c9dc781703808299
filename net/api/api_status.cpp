// Routes about the state of the server: for probes, and for clients that want to know its
// features.
#include "net/api/api_service.hpp"
#include "net/version.hpp"
#include "proto/chat/api_body.hpp"

#include <string_view>
#include <vector>

namespace hubbub {
namespace {

constexpr unsigned unavailable = 503;

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
  ask(call, setup_->actors.writer, ask_writer_stats{}, [call](const writer_stats& stats) {
    if (stats.healthy) return call->answer_json(200, R"({"status":"ready"})");
    call->fail({error_code::storage_error, "the store cannot be written to"}, unavailable);
  });
}

void api_service::tell_info(const api_call_ptr& call) {
  const bool tokens = auth_->current->wants_tokens();
  call->answer_json(200, info_json(hubbub_version, tokens ? "token" : "open",
                                   setup_->settings.limits, setup_->max_payload,
                                   features(setup_->settings, tokens)));
}

} // namespace hubbub
