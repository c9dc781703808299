#pragma once

#include "net/admission/refused_for.hpp"

#include <array>
#include <cstdint>

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
  std::array<std::uint64_t, refusal_count> refused{}; ///< refused connections, by `refused_for`
  std::uint64_t http_requests = 0;
  std::uint64_t tls_handshakes = 0;
  /// Failed handshakes, including those of late clients and of clients that spoke plain HTTP.
  std::uint64_t tls_handshakes_failed = 0;
};

} // namespace hubbub
