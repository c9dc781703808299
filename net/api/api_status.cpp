// Routes about the state of the server: for probes, for metrics, and for clients that want to
// know its features.
#include "net/api/api_service.hpp"
#include "net/api/metrics_page.hpp"
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

/// A metrics page while it is put together; it is answered when the last part has come.
struct gathering {
  api_call_ptr call;
  metrics_snapshot snapshot;
  std::size_t missing = 0;

  void got_one() {
    if (--missing > 0) return;
    http_response response;
    response.content_type = metrics_content_type;
    response.body = metrics_page(snapshot, hubbub_version);
    call->answer(std::move(response));
  }
};

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

void api_service::tell_metrics(const api_call_ptr& call) {
  auto page = std::make_shared<gathering>();
  page->call = call;
  page->missing = 6 + setup_->relays.size() + setup_->actors.gates.size();
  ask(call, setup_->actors.writer, ask_writer_stats{}, [page](const writer_stats& stats) {
    page->snapshot.store = stats;
    page->got_one();
  });
  ask(call, setup_->actors.searcher, ask_search_stats{}, [page](const search_stats& stats) {
    page->snapshot.searches = stats;
    page->got_one();
  });
  ask(call, setup_->actors.directory, ask_directory_stats{},
      [page](const directory_stats& stats) {
        page->snapshot.rooms = stats;
        page->got_one();
      });
  ask(call, setup_->actors.limiter, ask_limiter_stats{}, [page](const limiter_stats& stats) {
    page->snapshot.rates = stats;
    page->got_one();
  });
  ask(call, setup_->actors.connection_counter, ask_connection_counts{},
      [page](const connection_counts& counts) {
        page->snapshot.users = counts;
        page->got_one();
      });
  for (const auto& relay : setup_->relays)
    ask(call, relay, ask_relay_stats{}, [page](const relay_stats& stats) {
      page->snapshot.relays.delivered += stats.delivered;
      page->snapshot.relays.connections += stats.connections;
      page->got_one();
    });
  for (const auto& gate : setup_->actors.gates)
    ask(call, gate, ask_refusals{}, [page](const refusal_counts& counts) {
      for (std::size_t i = 0; i < refused_by_count; ++i)
        page->snapshot.refusals.by_reason[i] += counts.by_reason[i];
      page->got_one();
    });
  server_counters_([page](const server_stats& stats) {
    page->snapshot.server = stats;
    page->got_one();
  });
}

void api_service::tell_info(const api_call_ptr& call) {
  const bool tokens = auth_->current->wants_tokens();
  call->answer_json(200, info_json(hubbub_version, tokens ? "token" : "open",
                                   setup_->settings.limits, setup_->max_payload,
                                   features(setup_->settings, tokens)));
}

} // namespace hubbub
