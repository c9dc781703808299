#include "net/api/metrics_page.hpp"

#include "net/api/api_route.hpp"
#include "net/api/metric_family.hpp"
#include "net/api/metrics_bridge.hpp"
#include "net/api/number_json.hpp"
#include "proto/json/json.hpp"

#include <prometheus/text_serializer.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {
namespace {

using namespace metric;
using families = std::vector<MetricFamily>;

/// A histogram, and where it is in the snapshot. `fill` adds it to its family, with all its
/// labels; without its part of the snapshot it adds nothing.
struct histogram_metric {
  std::string_view name;
  std::string_view help;
  void (*fill)(const metrics_snapshot& from, MetricFamily& to);
};

void add_routes(const chat_measures& measures, MetricFamily& to) {
  const auto routes = api_routes();
  for (std::size_t route = 0; route < measures.http.size() && route < routes.size(); ++route)
    for (std::size_t i = 0; i < measures.http[route].size(); ++i)
      if (const auto& values = measures.http[route][i]; values.count() > 0)
        add(to, values,
            {{"method", std::string{routes[route].method}},
             {"route", std::string{routes[route].pattern}},
             {"status", std::to_string(i + 1) + "xx"}});
}

/// Lists every histogram.
constexpr std::array histograms{
    histogram_metric{
        "hubbub_ack_seconds",
        "Time until a message was stored or refused, by outcome; from the pass in "
        "which its room passed it on to the one in which the room heard of it.",
        [](const metrics_snapshot& from, MetricFamily& to) {
          if (!from.measures) return;
          for (std::size_t i = 0; i < from.measures->acks.size(); ++i)
            add(to, from.measures->acks[i],
                {{"outcome", std::string{to_string(static_cast<ack_outcome>(i))}}});
        }},
    histogram_metric{
        "hubbub_fan_out_seconds",
        "Time from the moment at which a room heard that a message is stored until "
        "a thread had written it to all of its sockets; of the oldest message of "
        "each pass.",
        [](const metrics_snapshot& from, MetricFamily& to) {
          if (from.server) add(to, from.server->fan_outs);
        }},
    histogram_metric{"hubbub_store_commit_seconds",
                     "Time that a transaction took, also one that failed.",
                     [](const metrics_snapshot& from, MetricFamily& to) {
                       if (from.store) add(to, from.store->commit_time);
                     }},
    histogram_metric{"hubbub_store_batch_operations", "Operations of a transaction.",
                     [](const metrics_snapshot& from, MetricFamily& to) {
                       if (from.store) add(to, from.store->batch_size);
                     }},
    histogram_metric{"hubbub_room_wake_seconds",
                     "Time from the first request for a sleeping room until it was read from "
                     "the store.",
                     [](const metrics_snapshot& from, MetricFamily& to) {
                       if (from.measures) add(to, from.measures->room_wakes);
                     }},
    histogram_metric{"hubbub_search_seconds",
                     "Time until a search was answered, the wait for other searches included.",
                     [](const metrics_snapshot& from, MetricFamily& to) {
                       if (from.searches) add(to, from.searches->time);
                     }},
    histogram_metric{"hubbub_http_request_seconds",
                     "Time until an HTTP request was answered, by route and class of status; "
                     "without long-polling and files.",
                     [](const metrics_snapshot& from, MetricFamily& to) {
                       if (from.measures) add_routes(*from.measures, to);
                     }},
    histogram_metric{"hubbub_ping_round_trip_seconds", "Time from a ping to its pong.",
                     [](const metrics_snapshot& from, MetricFamily& to) {
                       if (from.server) add(to, from.server->pings);
                     }},
};

void add_histograms(families& all, const metrics_snapshot& snapshot) {
  for (const auto& each : histograms) {
    auto made = family(each.name, each.help, MetricType::Histogram);
    each.fill(snapshot, made);
    if (!made.metric.empty()) all.push_back(std::move(made));
  }
}

double seconds_in(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>{time}.count();
}

std::string_view name_of(error_code code) {
  return code == error_code::storage_full ? "storage_full" : wire_name(code);
}

void add_server(families& all, const server_stats& server) {
  auto sessions =
      family("hubbub_sessions_open", "Engine.IO sessions, by transport.", MetricType::Gauge);
  add(sessions, server.polling_open, {{"transport", "polling"}});
  add(sessions, server.sessions_open - server.polling_open, {{"transport", "websocket"}});
  all.push_back(std::move(sessions));
  all.push_back(by<refused_for>("hubbub_connections_refused_total",
                                "Connections that were not let in, by reason.", "reason",
                                server.refused));
  all.push_back(by<close_reason>("hubbub_sessions_closed_total",
                                 "Engine.IO sessions that ended, by reason.", "reason",
                                 server.closed));
  for (const auto& [value, kind, name, help] : server_metrics)
    switch (kind) {
    case metric_kind::counter: all.push_back(counter(name, help, server.*value)); break;
    case metric_kind::gauge: all.push_back(gauge(name, help, server.*value)); break;
    case metric_kind::optional_gauge:
      if (server.*value > 0) all.push_back(gauge(name, help, server.*value));
      break;
    case metric_kind::labelled: break;
    }
}

void add_measures(families& all, const chat_measures& measures) {
  auto errors = family("hubbub_errors_total", "Errors that clients were sent, by code.",
                       MetricType::Counter);
  for (std::size_t i = 0; i < error_code_count; ++i) {
    const std::string code{name_of(static_cast<error_code>(i))};
    add(errors, measures.socket_errors[i], {{"transport", "socket"}, {"code", code}});
    add(errors, measures.http_errors[i], {{"transport", "http"}, {"code", code}});
  }
  all.push_back(std::move(errors));
  all.push_back(by<recovery_outcome>("hubbub_recoveries_total",
                                     "Sessions that clients wanted back, by outcome.",
                                     "outcome", measures.recoveries));
  all.push_back(by<foreign_source>("hubbub_foreign_entries_total",
                                   "Messages and changes of other servers that rooms told, by "
                                   "the way in which they came.",
                                   "source", measures.foreign_entries));
  all.push_back(counter("hubbub_log_reads_total",
                        "Reads of a room's log for what other servers wrote.",
                        measures.log_reads));
  all.push_back(by<connect_refusal>("hubbub_connects_refused_total",
                                    "Clients that were not let into the chat, by reason.",
                                    "reason", measures.connects_refused));
  all.push_back(gauge("hubbub_writes_waiting",
                      "Operations that were sent to the writer and are not answered.",
                      measures.writes_waiting));
  all.push_back(plain("hubbub_writes_oldest_seconds",
                      "How long the oldest of those has waited.", MetricType::Gauge,
                      std::chrono::duration<double>{measures.oldest_write}.count()));
}

void add_store(families& all, const writer_stats& store) {
  const families some{
      counter("hubbub_messages_stored_total", "Messages stored.", store.appended),
      counter("hubbub_messages_repeated_total", "Messages recognised by their client_id.",
              store.repeated),
      counter("hubbub_messages_edited_total", "Messages edited.", store.edited),
      counter("hubbub_messages_deleted_total", "Messages deleted by their authors.",
              store.deleted),
      counter("hubbub_store_failures_total", "Operations that the store refused.",
              store.failed),
      counter("hubbub_store_commits_total", "Transactions committed.", store.commits),
      counter("hubbub_store_commits_failed_total", "Transactions that failed.",
              store.commits_failed),
      gauge("hubbub_store_queued", "Operations that wait for the next commit.", store.queued),
      gauge("hubbub_store_wal_bytes", "Bytes of the file that holds what was committed last.",
            store.log_bytes),
      plain("hubbub_store_upkeep_seconds",
            "How long what was committed has been copied into the database; 0 while nothing is "
            "copied.",
            MetricType::Gauge, std::chrono::duration<double>{store.upkeep_time}.count()),
      gauge("hubbub_store_healthy", "1 while the store can be written to.",
            store.healthy ? 1 : 0),
  };
  all.insert(all.end(), some.begin(), some.end());
}

/// Adds what the writer and the searcher together know of the search index.
void add_index(families& all, const search_progress& built, const index_state& kept) {
  const families some{
      gauge("hubbub_search_index_behind", "Messages that the search index has yet to take in.",
            static_cast<std::uint64_t>(built.behind + kept.behind)),
      gauge("hubbub_search_index_waiting",
            "1 while the disk is too full to build a search index.",
            built.disk_too_full || kept.disk_too_full ? 1 : 0),
      gauge("hubbub_search_index_usable", "1 while searches can be answered.",
            kept.is_kept && kept.has_failed ? 0 : 1),
      counter("hubbub_search_index_rebuilds_total",
              "Search indexes beside the database that were begun anew.", kept.rebuilds),
  };
  all.insert(all.end(), some.begin(), some.end());
}

void add_chat(families& all, const metrics_snapshot& snapshot) {
  if (const auto& rates = snapshot.rates) {
    all.push_back(by<rated>("hubbub_rate_limited_total",
                            "Refusals because a client was too fast, by what it did too much "
                            "of.",
                            "what", rates->refusals.counts));
    all.push_back(gauge("hubbub_rate_buckets",
                        "Users and addresses whose rates are being counted.", rates->buckets));
  }
  if (const auto& refusals = snapshot.refusals)
    all.push_back(by<refused_by>("hubbub_requests_refused_total",
                                 "Requests that were refused, by the bound that they met.",
                                 "reason", refusals->by_reason));
  if (const auto& users = snapshot.users) {
    all.push_back(
        gauge("hubbub_users_connected", "Users with a connection in the chat.", users->users));
    all.push_back(counter("hubbub_user_connections_refused_total",
                          "Connections of users that had as many as they may.",
                          users->refused));
  }
  if (const auto& rooms = snapshot.rooms) {
    all.push_back(counter("hubbub_lookups_refused_total",
                          "Questions for rooms while too many waited for an answer.",
                          rooms->refused));
    all.push_back(gauge("hubbub_rooms_awake", "Rooms with an actor in memory.", rooms->awake));
  }
  if (const auto& relays = snapshot.relays) {
    all.push_back(counter("hubbub_deliveries_total", "Frames of rooms given to connections.",
                          relays->delivered));
    all.push_back(gauge("hubbub_connections_attached", "Connections that rooms can write to.",
                        relays->connections));
  }
  if (const auto& searches = snapshot.searches) {
    all.push_back(counter("hubbub_searches_total", "Searches answered.", searches->searches));
    all.push_back(counter("hubbub_searches_late_total",
                          "Searches that nobody waited for any more.", searches->late));
  }
}

void add_bus(families& all, const bus_stats& bus) {
  const std::chrono::duration<double> silent{bus.silent};
  auto dropped =
      family("hubbub_bus_dropped_total", "Messages that were not given to the bus, by reason.",
             MetricType::Counter);
  add(dropped, bus.dropped_full, {{"reason", "full"}});
  add(dropped, bus.dropped_down, {{"reason", "down"}});
  const families some{
      plain("hubbub_bus_silent_seconds",
            "How long the server has not heard itself over the bus; 0 while it does, and "
            "without a bus.",
            MetricType::Gauge, silent.count()),
      gauge("hubbub_bus_channels", "Rooms that hear what others write over the bus.",
            bus.channels),
      counter("hubbub_bus_published_total", "Messages given to the bus.", bus.published),
      counter("hubbub_bus_received_total",
              "Messages of other servers that the bus brought and a room was given.",
              bus.received),
      counter("hubbub_bus_stale_total",
              "Messages that the bus brought a second time, or that others overtook.",
              bus.stale),
      counter("hubbub_bus_rejected_total",
              "Messages that no server of this database and version sent.", bus.rejected),
      counter("hubbub_bus_connects_total", "Connections to the bus that were made.",
              bus.connects),
      dropped,
  };
  all.insert(all.end(), some.begin(), some.end());
}

void add_presence(families& all, const presence_stats& presence) {
  const std::chrono::duration<double> left{presence.left};
  const families some{
      plain(
          "hubbub_node_lease_seconds",
          "How long the server's lease holds if it is not renewed; 0 if it is lost, and for a "
          "server that is alone.",
          MetricType::Gauge, left.count()),
      counter("hubbub_node_lease_lost_total",
              "How often the server closed its connections since it could not renew its lease.",
              presence.lost),
      counter("hubbub_node_reports_failed_total",
              "Renewals of the lease, with what there was to report, that failed.",
              presence.failed),
      gauge("hubbub_nodes_elsewhere", "Other servers whose leases hold.",
            static_cast<std::uint64_t>(presence.nodes)),
      counter("hubbub_presence_reported_total",
              "Users who came to a room or left it here, as the other servers are told.",
              presence.reported),
      counter("hubbub_presence_heard_total",
              "Users who came to a room or left it on other servers.", presence.heard),
  };
  all.insert(all.end(), some.begin(), some.end());
}

void add_answers(families& all, const std::vector<actor_answer>& answers) {
  if (answers.empty()) return;
  auto waits = family("hubbub_actor_wait_seconds",
                      "How long an actor took to answer this page, which is how long messages "
                      "to it wait at the moment.",
                      MetricType::Gauge);
  auto answered = family("hubbub_actor_answers",
                         "1 if the actor answered this page in time; otherwise its metrics are "
                         "left out.",
                         MetricType::Gauge);
  auto mail = family("hubbub_actor_waiting",
                     "Messages that wait for an actor; of those that tell.", MetricType::Gauge);
  for (const auto& [actor, seconds, waiting] : answers) {
    add(answered, std::uint64_t{seconds ? 1U : 0U}, {{"actor", actor}});
    if (seconds) add(waits, *seconds, {{"actor", actor}});
    if (waiting) add(mail, *waiting, {{"actor", actor}});
  }
  all.push_back(std::move(answered));
  all.push_back(std::move(waits));
  if (!mail.metric.empty()) all.push_back(std::move(mail));
}

/// Adds the queues of each io thread.
void add_threads(families& all, const std::vector<thread_queues>& threads) {
  if (threads.empty()) return;
  auto writes = family("hubbub_thread_writes_waiting",
                       "Operations of an io thread's rooms that the writer has not answered.",
                       MetricType::Gauge);
  auto oldest_write = family("hubbub_thread_writes_oldest_seconds",
                             "How long the oldest of those has waited.", MetricType::Gauge);
  auto mail = family("hubbub_thread_rooms_waiting",
                     "Messages in the mailboxes of an io thread's rooms.", MetricType::Gauge);
  auto oldest_mail =
      family("hubbub_thread_rooms_oldest_seconds",
             "How long the oldest message of an io thread's actors has waited at most.",
             MetricType::Gauge);
  for (const auto& each : threads) {
    const labels of{{"thread", std::to_string(each.thread)}};
    add(writes, each.writes, of);
    add(oldest_write, seconds_in(each.oldest_write), of);
    add(mail, each.room_mail, of);
    add(oldest_mail, seconds_in(each.oldest_mail), of);
  }
  for (auto* const made : {&writes, &oldest_write, &mail, &oldest_mail})
    all.push_back(std::move(*made));
}

void add_process(families& all, const metrics_snapshot& snapshot) {
  const auto& process = snapshot.process;
  const families some{
      plain("process_cpu_seconds_total", "User and system time.", MetricType::Counter,
            process.cpu_seconds),
      plain("process_start_time_seconds", "When the process started, since 1970.",
            MetricType::Gauge, process.start_seconds),
      plain("hubbub_clock_seconds", "The time by the system's clock, since 1970.",
            MetricType::Gauge, process.clock_seconds),
      gauge("process_resident_memory_bytes", "Resident memory.", process.resident_bytes),
      gauge("process_virtual_memory_bytes", "Virtual memory.", process.virtual_bytes),
      gauge("process_open_fds", "Open file descriptors.", process.open_files),
      gauge("process_max_fds", "How many file descriptors may be open.", process.max_files),
      gauge("process_threads", "Threads of the operating system.", process.threads),
  };
  all.insert(all.end(), some.begin(), some.end());
  if (!snapshot.allocator) return;
  const auto& memory = *snapshot.allocator;
  auto bytes = family("hubbub_jemalloc_bytes", "What jemalloc says about memory, by kind.",
                      MetricType::Gauge);
  const std::pair<const char*, std::size_t> kinds[] = {
      {"allocated", memory.allocated}, {"active", memory.active},
      {"metadata", memory.metadata},   {"resident", memory.resident},
      {"mapped", memory.mapped},       {"retained", memory.retained}};
  for (const auto& [kind, value] : kinds)
    add(bytes, std::uint64_t{value}, {{"kind", kind}});
  all.push_back(std::move(bytes));
}

/// Returns the values of a metric's labels, with spaces between.
std::string labels_of(const ClientMetric& metric) {
  std::string all;
  for (const auto& label : metric.label)
    all.append(all.empty() ? "" : " ").append(label.value);
  return all;
}

families all_families(const metrics_snapshot& snapshot, std::string_view version) {
  auto build =
      family("hubbub_build_info", "Always 1; the label is the version.", MetricType::Gauge);
  add(build, std::uint64_t{1}, {{"version", std::string{version}}});
  families all{std::move(build)};
  if (snapshot.server) add_server(all, *snapshot.server);
  add_chat(all, snapshot);
  if (snapshot.measures) add_measures(all, *snapshot.measures);
  if (snapshot.store) add_store(all, *snapshot.store);
  if (snapshot.store && snapshot.searches)
    add_index(all, snapshot.store->search, snapshot.searches->index);
  if (snapshot.bus) add_bus(all, *snapshot.bus);
  if (snapshot.bridge) add_bridge(all, *snapshot.bridge);
  if (snapshot.presence) add_presence(all, *snapshot.presence);
  add_histograms(all, snapshot);
  add_threads(all, snapshot.threads);
  add_answers(all, snapshot.answers);
  add_process(all, snapshot);
  return all;
}

} // namespace

std::string metrics_page(const metrics_snapshot& snapshot, std::string_view version) {
  return prometheus::TextSerializer{}.Serialize(all_families(snapshot, version));
}

std::string metrics_json(const metrics_snapshot& snapshot, std::string_view version) {
  std::string text;
  json::writer out{text};
  out.begin_object();
  for (const auto& each : all_families(snapshot, version)) {
    const auto value = [&each](const ClientMetric& metric) {
      return number_json(each.type == MetricType::Counter ? metric.counter.value
                                                          : metric.gauge.value);
    };
    if (each.type == MetricType::Histogram || each.metric.empty()) continue;
    out.key(each.name);
    if (each.metric.front().label.empty()) {
      out.raw(value(each.metric.front()));
      continue;
    }
    out.begin_object();
    for (const auto& metric : each.metric)
      out.key(labels_of(metric)).raw(value(metric));
    out.end_object();
  }
  out.end_object();
  return text;
}

} // namespace hubbub
