#include "net/api/admin_json.hpp"

#include "net/api/number_json.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>

namespace hubbub {
namespace {

double in_seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>{time}.count();
}

void write_figures(json::writer& out, std::span<const float> values) {
  out.begin_object();
  for (std::size_t i = 0; i < figures().size(); ++i)
    out.key(figures()[i].name).raw(number_json(static_cast<double>(values[i])));
  out.end_object();
}

void write_history(json::writer& out, const std::vector<figure_sample>& samples) {
  out.begin_object().field("interval_seconds", std::int64_t{figure_history::interval.count()});
  out.key("figures").begin_array();
  for (const auto& each : figures())
    out.string(each.name);
  out.end_array().key("samples").begin_array();
  for (const auto& [number, at, values] : samples) {
    out.begin_object().field("number", static_cast<std::int64_t>(number));
    out.field("at", to_rfc3339(at)).key("values").begin_array();
    for (const auto value : values)
      out.raw(number_json(static_cast<double>(value)));
    out.end_array().end_object();
  }
  out.end_array().end_object();
}

/// Writes what a server of several knows of the others; null for one that is alone.
void write_nodes(json::writer& out, const std::optional<presence_stats>& presence) {
  if (!presence || !presence->is_used) {
    out.null();
    return;
  }
  out.begin_object().field("lease_held", presence->is_held);
  out.key("lease_seconds").raw(number_json(in_seconds(presence->left)));
  out.key("others").begin_array();
  for (const auto& each : presence->places) {
    out.begin_object().field("node", each.node).key("url");
    if (each.url.empty())
      out.null();
    else
      out.string(each.url);
    out.end_object();
  }
  out.end_array().end_object();
}

} // namespace

std::string now_json(const state_now& state, const timed_snapshot& now) {
  const auto& store = now.counters.store;
  const auto& process = now.counters.process;
  std::string text;
  json::writer out{text};
  out.begin_object().field("at", to_rfc3339(state.at)).field("version", state.version);
  out.key("node");
  if (state.node > 0)
    out.integer(state.node);
  else
    out.null();
  out.key("nodes");
  write_nodes(out, now.counters.presence);
  out.field("ready", !state.stopping && store && store->healthy);
  out.field("stopping", state.stopping);
  constexpr double milliseconds = 1'000;
  out.key("uptime_seconds");
  out.raw(
      number_json(static_cast<double>(state.at.value) / milliseconds - process.start_seconds));
  out.key("over_seconds");
  out.raw(number_json(state.base ? in_seconds(now.taken - state.base->taken) : 0));
  out.key("figures");
  write_figures(out, figures_between(state.base.get(), now));
  out.key("metrics").raw(metrics_json(now.counters, state.version));
  out.key("history");
  write_history(out, state.samples);
  out.end_object();
  return text;
}

void cut_to_longest(std::vector<waiting_client>& clients, std::size_t most) {
  std::ranges::sort(clients, std::greater{}, &waiting_client::queued_bytes);
  if (clients.size() > most) clients.resize(most);
}

std::string activity_json(const busy_report& busy, const std::vector<waiting_client>& slow) {
  std::string text;
  json::writer out{text};
  out.begin_object().key("span_seconds").raw(number_json(in_seconds(busy.span)));
  out.key("rooms").begin_array();
  for (const auto& each : busy.rooms)
    out.begin_object()
        .field("room_id", static_cast<std::int64_t>(each.key))
        .field("room", each.name)
        .field("messages", static_cast<std::int64_t>(each.count))
        .field("excess", static_cast<std::int64_t>(each.excess))
        .end_object();
  out.end_array().key("users").begin_array();
  for (const auto& each : busy.users)
    out.begin_object()
        .field("user_id", each.name)
        .field("messages", static_cast<std::int64_t>(each.count))
        .field("excess", static_cast<std::int64_t>(each.excess))
        .end_object();
  out.end_array().key("slow_readers").begin_array();
  for (const auto& each : slow)
    out.begin_object()
        .field("connection", each.connection)
        .field("user_id", each.user_id)
        .field("client", each.client)
        .field("queued_bytes", static_cast<std::int64_t>(each.queued_bytes))
        .end_object();
  out.end_array().end_object();
  return text;
}

std::string trace_json(const trace_memoir& told) {
  std::string text;
  json::writer out{text};
  out.begin_object().field("since", trace_time(told.since_us));
  out.field("left_out", static_cast<std::int64_t>(told.left_out)).key("steps").begin_array();
  for (const auto& step : told.steps)
    out.raw(step);
  out.end_array().end_object();
  return text;
}

std::string disconnected_json(std::size_t sessions) {
  std::string text;
  json::writer out{text};
  out.begin_object().field("disconnected", static_cast<std::int64_t>(sessions)).end_object();
  return text;
}

} // namespace hubbub
