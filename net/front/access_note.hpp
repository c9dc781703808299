#pragma once

#include "net/http/http_exchange.hpp"
#include "proto/access/client_address.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace hubbub {

/// What the log says about a request, once it is answered.
struct access_note {
  std::string method;
  std::string path;
  client_address client;
  std::string trace_id; ///< the one of `traceparent` (W3C Trace Context)
  std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
  unsigned status = 0;
  std::size_t bytes = 0;
  std::string user_id = {};
};

/// Returns the id of the trace that a request belongs to; empty if it has no well-formed
/// `traceparent`.
[[nodiscard]] std::string trace_id_of(const http_request& request);
[[nodiscard]] std::unique_ptr<access_note> note_of(const http_request& request);
void log_access(const access_note& note);

} // namespace hubbub
