#pragma once

#include "net/engine/engine_endpoint.hpp"
#include "net/front/http_connection.hpp"
#include "net/http/cors.hpp"
#include "net/http/http_exchange.hpp"
#include "net/io/io_thread.hpp"
#include "net/websocket/websocket.hpp"

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

/// Decides which handler answers an HTTP request, on one io thread.
class http_router {
 public:
  http_router(io_thread& thread, std::unique_ptr<http_handler> handler);

  /// Adds Engine.IO at `path`, which has a `/` at both ends; requests may leave out the last
  /// one.
  engine_endpoint& add_endpoint(std::string path, consumer_factory make_consumer);
  [[nodiscard]] std::vector<engine_endpoint*> endpoints();

  /// Answers a request, now or later. If the returned function is not empty, call it when the
  /// client has gone before the answer.
  [[nodiscard]] std::function<void()> handle(http_request request, http_responder respond);
  /// True if `upgrade` should get this request for a WebSocket; otherwise `handle` answers what
  /// is wrong with it.
  [[nodiscard]] bool takes_websocket(const http_request& request);
  void upgrade(websocket_request request);

  /// True if an Engine.IO endpoint is at this path; its POSTs may have `max_post()` bytes.
  [[nodiscard]] bool has_engine_at(std::string_view path) {
    return endpoint_at(path) != nullptr;
  }
  /// Handles a request whose body was larger than allowed and has not been read.
  void refuse_body(const http_request& request);
  /// True for a request for an Engine.IO session that exists, as far as its target tells.
  [[nodiscard]] bool is_for_session(const http_request& request);

  [[nodiscard]] const cors_policy& cors() const { return cors_; }

 private:
  struct mount {
    mount(std::string at, io_thread& thread, consumer_factory make_consumer)
        : path(std::move(at)), engine(thread, std::move(make_consumer), refuse_http) {}
    std::string path;
    engine_endpoint engine;
  };
  [[nodiscard]] engine_endpoint* endpoint_at(std::string_view path);
  /// Returns what the path takes, for `Allow`.
  [[nodiscard]] std::string methods_of(const http_request& request);

  io_thread* thread_;
  cors_policy cors_;
  std::unique_ptr<http_handler> handler_;
  std::list<mount> mounts_; ///< a list, so that they stay where they are
};

} // namespace hubbub
