#pragma once

#include "proto/access/client_address.hpp"
#include "proto/chat/api_body.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

/// A whole HTTP request, as handlers see it; it does not depend on Beast.
struct http_request {
  /// Upper case; HEAD arrives as GET, and its body is dropped when the answer is written.
  std::string method;
  std::string path;   ///< as in `http_target`: decoded except for slashes within a segment
  query_params query; ///< decoded
  std::vector<std::pair<std::string, std::string>> headers; ///< names are in lower case
  std::string body;
  client_address client; ///< the client's own address, even if it came through trusted proxies

  /// Returns the header's first value; empty if there is none. `name` is in lower case.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// Returns all values of a header, in the order of the request.
  [[nodiscard]] std::vector<std::string_view> header_values(std::string_view name) const;
};

struct http_response {
  unsigned status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  /// Bytes that are built into the program and sent from where they lie, instead of `body`.
  std::string_view built_in = {};
  /// The user or the API key that made the request, if that is known. For the log.
  std::string user_id = {};

  [[nodiscard]] std::string_view content() const { return built_in.empty() ? body : built_in; }
};

/// Returns the JSON error body of docs/api.md with its status.
[[nodiscard]] http_response error_response(const error& e);

/// Answers one request. Call it once, on the io thread of the request's connection; it is
/// harmless if the client has gone.
using http_responder = std::function<void(http_response)>;

/// Answers plain HTTP requests on one io thread (the chat's API; nothing in the echo server).
class http_handler {
 public:
  virtual ~http_handler() = default;
  virtual void handle(http_request request, http_responder respond) = 0;
  /// Returns the methods of a path, as `Allow` names them; empty if there is nothing.
  [[nodiscard]] virtual std::string methods_of(std::string_view) const { return {}; }
};

} // namespace hubbub
