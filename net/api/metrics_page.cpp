#include "net/api/metrics_page.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <utility>
#include <vector>

namespace hubbub {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily counter(std::string name, std::string help, std::uint64_t value) {
  ClientMetric metric;
  metric.counter.value = static_cast<double>(value);
  return {std::move(name), std::move(help), MetricType::Counter, {std::move(metric)}};
}

MetricFamily gauge(std::string name, std::string help, std::uint64_t value) {
  ClientMetric metric;
  metric.gauge.value = static_cast<double>(value);
  return {std::move(name), std::move(help), MetricType::Gauge, {std::move(metric)}};
}

MetricFamily build_info(std::string_view version) {
  auto family = gauge("hubbub_build_info", "Always 1; the label is the version.", 1);
  family.metric.front().label.push_back({"version", std::string{version}});
  return family;
}

MetricFamily sessions_open(const server_stats& server) {
  auto family =
      gauge("hubbub_sessions_open", "Engine.IO sessions, by transport.", server.polling_open);
  family.metric.front().label.push_back({"transport", "polling"});
  ClientMetric websocket;
  websocket.gauge.value = static_cast<double>(server.sessions_open - server.polling_open);
  websocket.label.push_back({"transport", "websocket"});
  family.metric.push_back(std::move(websocket));
  return family;
}

MetricFamily connections_refused(const server_stats& server) {
  MetricFamily family{"hubbub_connections_refused_total",
                      "Connections that were not let in, by reason.",
                      MetricType::Counter,
                      {}};
  for (std::size_t i = 0; i < refusal_count; ++i) {
    ClientMetric metric;
    metric.label.push_back({"reason", std::string{to_string(static_cast<refused_for>(i))}});
    metric.counter.value = static_cast<double>(server.refused.at(i));
    family.metric.push_back(std::move(metric));
  }
  return family;
}

MetricFamily rate_limited(const limiter_stats& rates) {
  MetricFamily family{"hubbub_rate_limited_total",
                      "Refusals because a client was too fast, by what it did too much of.",
                      MetricType::Counter,
                      {}};
  for (std::size_t i = 0; i < rated_kinds; ++i) {
    ClientMetric metric;
    metric.label.push_back({"what", std::string{to_string(static_cast<rated>(i))}});
    metric.counter.value = static_cast<double>(rates.refusals.counts.at(i));
    family.metric.push_back(std::move(metric));
  }
  return family;
}

MetricFamily requests_refused(const refusal_counts& refusals) {
  MetricFamily family{"hubbub_requests_refused_total",
                      "Requests that were refused, by the bound that they met.",
                      MetricType::Counter,
                      {}};
  for (std::size_t i = 0; i < refused_by_count; ++i) {
    ClientMetric metric;
    metric.label.push_back({"reason", std::string{to_string(static_cast<refused_by>(i))}});
    metric.counter.value = static_cast<double>(refusals.by_reason.at(i));
    family.metric.push_back(std::move(metric));
  }
  return family;
}

/// Adds the counters of the server that have no labels.
void add_plain(std::vector<MetricFamily>& all, const server_stats& server) {
  for (const auto& [value, kind, name, help] : server_metrics)
    switch (kind) {
    case metric_kind::counter:
      all.push_back(counter(std::string{name}, std::string{help}, server.*value));
      break;
    case metric_kind::gauge:
      all.push_back(gauge(std::string{name}, std::string{help}, server.*value));
      break;
    case metric_kind::labelled: break;
    }
}

std::vector<MetricFamily> families(const metrics_snapshot& snapshot, std::string_view version) {
  const auto& [store, searches, relays, rooms, rates, users, refusals, server] = snapshot;
  std::vector<MetricFamily> all{build_info(version), sessions_open(server),
                                connections_refused(server)};
  add_plain(all, server);
  const std::vector<MetricFamily> others{
      rate_limited(rates),
      requests_refused(refusals),
      gauge("hubbub_users_connected", "Users with a connection in the chat.", users.users),
      counter("hubbub_user_connections_refused_total",
              "Connections of users that had as many as they may.", users.refused),
      counter("hubbub_lookups_refused_total",
              "Questions for rooms while too many waited for an answer.", rooms.refused),
      gauge("hubbub_rate_buckets", "Users and addresses whose rates are being counted.",
            rates.buckets),
      gauge("hubbub_rooms_awake", "Rooms with an actor in memory.", rooms.awake),
      counter("hubbub_deliveries_total", "Frames of rooms given to connections.",
              relays.delivered),
      gauge("hubbub_connections_attached", "Connections that rooms can write to.",
            relays.connections),
      counter("hubbub_messages_stored_total", "Messages stored.", store.appended),
      counter("hubbub_messages_repeated_total", "Messages recognised by their client_id.",
              store.repeated),
      counter("hubbub_messages_edited_total", "Messages edited.", store.edited),
      counter("hubbub_messages_deleted_total", "Messages deleted by their authors.",
              store.deleted),
      counter("hubbub_searches_total", "Searches answered.", searches.searches),
      counter("hubbub_searches_late_total", "Searches that nobody waited for any more.",
              searches.late),
      gauge("hubbub_search_index_behind", "Messages that the search index has yet to take in.",
            static_cast<std::uint64_t>(store.search.behind + searches.index.behind)),
      gauge("hubbub_search_index_waiting",
            "1 while the disk is too full to build a search index.",
            store.search.disk_too_full || searches.index.disk_too_full ? 1 : 0),
      gauge("hubbub_search_index_usable", "1 while searches can be answered.",
            searches.index.is_kept && searches.index.has_failed ? 0 : 1),
      counter("hubbub_search_index_rebuilds_total",
              "Search indexes beside the database that were begun anew.",
              searches.index.rebuilds),
      counter("hubbub_store_failures_total", "Operations that the store refused.",
              store.failed),
      counter("hubbub_store_commits_total", "Transactions committed.", store.commits),
      gauge("hubbub_store_queued", "Operations that wait for the next commit.", store.queued),
      gauge("hubbub_store_wal_bytes", "Bytes of the file that holds what was committed last.",
            store.log_bytes),
      gauge("hubbub_store_healthy", "1 while the store can be written to.",
            store.healthy ? 1 : 0),
  };
  all.insert(all.end(), others.begin(), others.end());
  return all;
}

} // namespace

std::string metrics_page(const metrics_snapshot& snapshot, std::string_view version) {
  return prometheus::TextSerializer{}.Serialize(families(snapshot, version));
}

} // namespace hubbub
