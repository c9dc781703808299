#pragma once

#include "bench/client/client.hpp"
#include "bench/client/http_connection.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::bench {

/// Connections for POST that stay open and are shared by all polling clients, as the clients
/// behind a proxy share them: thousands of idle clients need only a few.
class post_pool {
 public:
  post_pool(event_loop& loop, const endpoint& server) : loop_(&loop), server_(&server) {}

  [[nodiscard]] std::unique_ptr<http_connection> take();
  void give_back(std::unique_ptr<http_connection> connection);
  [[nodiscard]] const endpoint& server() const { return *server_; }

 private:
  event_loop* loop_;
  const endpoint* server_;
  std::size_t made_ = 0;
  std::vector<std::unique_ptr<http_connection>> free_;
};

/// A client over long-polling: a GET of its own that waits, and POSTs through the pool.
class polling_client final : public client, event_handler, http_asker {
 public:
  /// Makes a client of the server that `posts` leads to.
  polling_client(std::size_t number, const client_setting& setting, post_pool& posts);

  /// Stops polling.
  void stop_reading() override { reads_ = false; }
  /// Polls once, whatever the size of the answer.
  void read_some(std::size_t bytes) override;

 private:
  void start() override;
  void write(char engine_type, std::string_view data) override;
  void finish() override;
  void reset() override;
  void on_session(std::string_view handshake) override;

  void on_events(std::uint32_t /*events*/) override {}
  void on_pass_end() override;
  void on_response(http_connection& from, int status, std::string_view body) override;
  void on_no_response(http_connection& from, std::string why) override;

  void poll();
  void post();
  void on_payload(std::string_view body);
  void return_post();

  post_pool* posts_;
  http_connection get_;
  std::unique_ptr<http_connection> post_; ///< set while a POST is under way
  std::string target_;
  std::string unsent_; ///< packets, with a record separator between two
  bool reads_ = true;
  bool flushes_ = false;
};

} // namespace hubbub::bench
