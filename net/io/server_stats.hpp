#pragma once

#include "actors/metrics/histogram.hpp"
#include "net/admission/refused_for.hpp"
#include "proto/close_reason.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hubbub {

/// Counters of one server, for the metrics page. It is a copy, taken thread by thread.
struct server_stats {
  std::uint64_t sessions_opened = 0;
  std::uint64_t sessions_open = 0;
  std::uint64_t polling_open = 0;
  std::uint64_t packets_received = 0;
  std::uint64_t frames_sent = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t volatile_dropped = 0;
  std::uint64_t slow_readers = 0;
  std::uint64_t gaps_sent = 0;          ///< sent to slow readers in place of messages
  std::uint64_t messages_skipped = 0;   ///< messages that those gaps stand for
  std::uint64_t unconnected_closed = 0; ///< sessions closed to make room for newer ones
  std::uint64_t pressure_closed = 0;    ///< slow readers closed when memory ran short
  /// Sockets of any kind, including those that are ending.
  std::uint64_t sockets_open = 0;
  std::uint64_t http_requests = 0;
  std::uint64_t tls_handshakes = 0;
  /// Failed handshakes, including those of late clients and of clients that spoke plain HTTP.
  std::uint64_t tls_handshakes_failed = 0;
  /// When the certificate ends, in seconds since 1970; 0 without TLS.
  std::uint64_t certificate_ends = 0;
  std::uint64_t certificates_revoked = 0;  ///< as their OCSP responses say
  std::uint64_t certificates_disliked = 0; ///< handshakes broken off because of the certificate
  std::array<std::uint64_t, close_reason_count> closed{}; ///< sessions that ended, by reason
  std::uint64_t forwarded = 0;                            ///< requests passed on to other nodes
  std::uint64_t forwards_failed = 0; ///< requests and WebSockets that were not taken there
  std::uint64_t pipes = 0;           ///< WebSockets passed on to other nodes
  std::uint64_t pipes_open = 0;      ///< of these, those that are open
  std::uint64_t node_requests = 0;   ///< requests that other nodes passed on to this one
  std::uint64_t node_requests_refused = 0; ///< requests at that listener without the secret
  latency_histogram pings;                 ///< from a ping to its pong
  latency_histogram fan_outs;              ///< see the table of histograms
  std::array<std::uint64_t, refusal_count> refused{}; ///< refused connections, by `refused_for`
};

/// Says how monitors see a counter of `server_stats`.
enum class metric_kind : std::uint8_t {
  counter,        ///< grows as long as the server runs
  gauge,          ///< goes up and down
  optional_gauge, ///< a gauge that is not shown while it is 0
  labelled,       ///< part of a metric with labels, which the metrics page composes
};
struct server_metric {
  std::uint64_t server_stats::*value;
  metric_kind kind;
  std::string_view name;
  std::string_view help;
};

/// Lists every counter except those in arrays and histograms. The threads are added up and the
/// metrics page is written from this table.
inline constexpr auto server_metrics = [] {
  using enum metric_kind;
  using s = server_stats;
  return std::array{
      server_metric{&s::sessions_open, labelled, "hubbub_sessions_open", ""},
      server_metric{&s::polling_open, labelled, "hubbub_sessions_open", ""},
      server_metric{&s::sockets_open, gauge, "hubbub_connections_open",
                    "Open sockets of clients."},
      server_metric{&s::pressure_closed, counter, "hubbub_memory_closed_total",
                    "Slow readers closed since memory ran short."},
      server_metric{&s::sessions_opened, counter, "hubbub_sessions_total",
                    "Engine.IO sessions since the start."},
      server_metric{&s::packets_received, counter, "hubbub_packets_received_total",
                    "Engine.IO packets from clients."},
      server_metric{&s::frames_sent, counter, "hubbub_frames_sent_total",
                    "Frames written to clients."},
      server_metric{&s::bytes_sent, counter, "hubbub_bytes_sent_total",
                    "Bytes written to clients."},
      server_metric{&s::volatile_dropped, counter, "hubbub_volatile_dropped_total",
                    "Frames that a slow reader did without."},
      server_metric{&s::slow_readers, counter, "hubbub_slow_readers_total",
                    "Clients closed because they did not read."},
      server_metric{&s::gaps_sent, counter, "hubbub_gaps_total",
                    "Gaps that slow readers got in the place of messages."},
      server_metric{&s::messages_skipped, counter, "hubbub_messages_skipped_total",
                    "Messages that those gaps stand for."},
      server_metric{&s::unconnected_closed, counter, "hubbub_unconnected_closed_total",
                    "Sessions without a namespace that made room for newer ones."},
      server_metric{&s::http_requests, counter, "hubbub_http_requests_total",
                    "HTTP requests, long-polling included."},
      server_metric{&s::tls_handshakes, counter, "hubbub_tls_handshakes_total",
                    "TLS handshakes that were finished."},
      server_metric{&s::tls_handshakes_failed, counter, "hubbub_tls_handshakes_failed_total",
                    "Connections that did not finish a TLS handshake."},
      server_metric{&s::certificate_ends, optional_gauge,
                    "hubbub_certificate_not_after_seconds",
                    "When the certificate in use ends, in seconds since 1970."},
      server_metric{&s::certificates_revoked, gauge, "hubbub_certificates_revoked",
                    "Certificates in use that are revoked, as their OCSP responses say."},
      server_metric{&s::certificates_disliked, counter, "hubbub_certificates_disliked_total",
                    "TLS handshakes that clients broke off because of the certificate."},
      server_metric{&s::forwarded, counter, "hubbub_forwarded_requests_total",
                    "Polling requests passed on to the node of their session."},
      server_metric{&s::forwards_failed, counter, "hubbub_forward_failures_total",
                    "Requests and WebSockets that another node did not take."},
      server_metric{&s::pipes, counter, "hubbub_forward_pipes_total",
                    "WebSockets passed on to the node of their session."},
      server_metric{&s::pipes_open, gauge, "hubbub_forward_pipes_open",
                    "Open WebSockets that are passed on to other nodes."},
      server_metric{&s::node_requests, counter, "hubbub_node_requests_total",
                    "Requests that other nodes passed on to this one."},
      server_metric{&s::node_requests_refused, counter, "hubbub_node_requests_refused_total",
                    "Requests refused at node_listen since they had not the secret."},
  };
}();
static_assert(sizeof(server_stats) ==
                  (server_metrics.size() + refusal_count + close_reason_count) *
                          sizeof(std::uint64_t) +
                      2 * sizeof(latency_histogram),
              "every counter of server_stats has a line in server_metrics");

/// Adds the counters of one more thread.
inline server_stats& operator+=(server_stats& sum, const server_stats& more) {
  for (const auto& each : server_metrics)
    sum.*each.value += more.*each.value;
  for (std::size_t i = 0; i < refusal_count; ++i)
    sum.refused[i] += more.refused[i];
  for (std::size_t i = 0; i < close_reason_count; ++i)
    sum.closed[i] += more.closed[i];
  sum.pings += more.pings;
  sum.fan_outs += more.fan_outs;
  return sum;
}

} // namespace hubbub
