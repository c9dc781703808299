#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hubbub {

enum class log_level : std::uint8_t { trace, debug, info, warning, error, off };

/// Names a level as the log shows it.
[[nodiscard]] constexpr std::string_view to_string(log_level level) {
  switch (level) {
  case log_level::trace: return "trace";
  case log_level::debug: return "debug";
  case log_level::info: return "info";
  case log_level::warning: return "warning";
  case log_level::error: return "error";
  case log_level::off: break;
  }
  return "off";
}

/// The kinds of lines in the log. Their names, by which programs find them, do not change.
enum class log_event : std::uint8_t {
  started,
  unclean_end,
  clock_jumped,
  setting,
  setting_warning,
  stopping,
  draining,
  closing_at_once,
  upgrading,
  upgrade_refused,
  upgrade_failed,
  upgraded,
  took_over,
  control_unusable,
  stopped,
  shutdown_stuck,
  threads_ended,
  ready,
  not_ready,
  store_failed,
  store_well,
  disk_full,
  database_damaged,
  commit_slow,
  wal_held,
  wal_short,
  search_indexing,
  search_indexed,
  search_waits,
  search_unusable,
  search_usable,
  trace_unusable,
  bus_lost,
  bus_heard,
  lease_lost,
  lease_held,
  nodes_unknown,
  settings_differ,
  node_found,
  node_gone,
  forward_failed,
  node_refused,
  bridge_lost,
  bridge_heard,
  bridge_refused,
  memory_reached,
  memory_extreme,
  memory_left,
  slow_reader,
  rate_limited,
  connection_refused,
  connect_refused,
  certificate_ends,
  certificate_revoked,
  certificate_disliked,
  certificate_read,
  certificate_unusable,
  keys_read,
  keys_unusable,
  key_ignored,
  secret_exposed,
  admin_act,
  http_failed,
  http_refused,
  tls_failed,
  access,
  lines_lost, ///< stays the last
};
inline constexpr auto log_event_count = static_cast<std::size_t>(log_event::lines_lost) + 1;

/// What is known of a kind of lines.
struct log_kind {
  log_event event;
  std::string_view name; ///< the value of the key `event`
  log_level level;
  /// Lines of this kind that each thread may write in a minute, and at once; more are counted
  /// in `left_out`. 0: no bound, since a person or the start of the program causes it.
  unsigned a_minute = 0;
};

/// Lists all kinds, by their event. docs/monitoring.md says what each means.
inline constexpr auto log_kinds = [] {
  using enum log_event;
  using enum log_level;
  return std::array{
      log_kind{started, "started", info},
      log_kind{unclean_end, "unclean_end", warning},
      log_kind{clock_jumped, "clock_jumped", warning, 12},
      log_kind{setting, "setting", info},
      log_kind{setting_warning, "setting_warning", warning},
      log_kind{stopping, "stopping", info},
      log_kind{draining, "draining", info},
      log_kind{closing_at_once, "closing_at_once", info},
      log_kind{upgrading, "upgrading", info},
      log_kind{upgrade_refused, "upgrade_refused", warning},
      log_kind{upgrade_failed, "upgrade_failed", error},
      log_kind{upgraded, "upgraded", info},
      log_kind{took_over, "took_over", info},
      log_kind{control_unusable, "control_unusable", warning},
      log_kind{stopped, "stopped", info},
      log_kind{shutdown_stuck, "shutdown_stuck", error},
      log_kind{threads_ended, "threads_ended", debug},
      log_kind{ready, "ready", info, 60},
      log_kind{not_ready, "not_ready", warning, 60},
      log_kind{store_failed, "store_failed", error, 60},
      log_kind{store_well, "store_well", info, 60},
      log_kind{disk_full, "disk_full", error, 60},
      log_kind{database_damaged, "database_damaged", error},
      log_kind{commit_slow, "commit_slow", warning, 12},
      log_kind{wal_held, "wal_held", warning, 60},
      log_kind{wal_short, "wal_short", info, 60},
      log_kind{search_indexing, "search_indexing", info},
      log_kind{search_indexed, "search_indexed", info},
      log_kind{search_waits, "search_waits", warning},
      log_kind{search_unusable, "search_unusable", warning, 60},
      log_kind{search_usable, "search_usable", info, 60},
      log_kind{trace_unusable, "trace_unusable", warning},
      log_kind{bus_lost, "bus_lost", warning, 60},
      log_kind{bus_heard, "bus_heard", info, 60},
      log_kind{lease_lost, "lease_lost", warning, 60},
      log_kind{lease_held, "lease_held", info, 60},
      log_kind{nodes_unknown, "nodes_unknown", warning},
      log_kind{settings_differ, "settings_differ", warning, 60},
      log_kind{node_found, "node_found", info, 60},
      log_kind{node_gone, "node_gone", warning, 60},
      log_kind{forward_failed, "forward_failed", warning, 12},
      log_kind{node_refused, "node_refused", warning, 12},
      log_kind{bridge_lost, "bridge_lost", warning, 60},
      log_kind{bridge_heard, "bridge_heard", info, 60},
      log_kind{bridge_refused, "bridge_refused", warning, 1},
      log_kind{memory_reached, "memory_reached", warning, 12},
      log_kind{memory_extreme, "memory_extreme", error, 12},
      log_kind{memory_left, "memory_left", info, 12},
      log_kind{slow_reader, "slow_reader", warning, 12},
      log_kind{rate_limited, "rate_limited", info, 12},
      log_kind{connection_refused, "connection_refused", warning, 12},
      log_kind{connect_refused, "connect_refused", warning, 12},
      log_kind{certificate_ends, "certificate_ends", warning},
      log_kind{certificate_revoked, "certificate_revoked", error},
      log_kind{certificate_disliked, "certificate_disliked", warning, 12},
      log_kind{certificate_read, "certificate_read", info},
      log_kind{certificate_unusable, "certificate_unusable", error},
      log_kind{keys_read, "keys_read", info},
      log_kind{keys_unusable, "keys_unusable", error},
      log_kind{key_ignored, "key_ignored", warning},
      log_kind{secret_exposed, "secret_exposed", warning},
      log_kind{admin_act, "admin_act", info},
      log_kind{http_failed, "http_failed", warning, 12},
      log_kind{http_refused, "http_refused", debug, 6'000},
      log_kind{tls_failed, "tls_failed", debug, 6'000},
      log_kind{access, "access", info, 60'000},
      log_kind{lines_lost, "lines_lost", warning},
  };
}();
static_assert(log_kinds.size() == log_event_count);
static_assert(
    [] {
      for (std::size_t i = 0; i < log_kinds.size(); ++i)
        if (static_cast<std::size_t>(log_kinds[i].event) != i) return false;
      return true;
    }(),
    "the kinds stand in the order of the events");

[[nodiscard]] constexpr const log_kind& kind_of(log_event event) {
  return log_kinds[static_cast<std::size_t>(event)];
}

} // namespace hubbub
