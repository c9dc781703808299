#pragma once

#include "bench/client/file_descriptor.hpp"
#include "bench/peers/floor/chat.hpp"
#include "bench/peers/floor/connection.hpp"
#include "bench/peers/floor/message_log.hpp"
#include "bench/peers/floor/outbox.hpp"
#include "proto/expected.hpp"

#include <sys/epoll.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hubbub::floor {

/// One epoll loop on one thread: it reads, lets the chat answer, and ends each pass with one
/// commit and one write for each connection.
class server {
 public:
  server(chat& rooms, outbox& out, message_log& log, std::chrono::milliseconds ping_interval);

  /// Listens on 127.0.0.1; port 0 picks a free one. The error is a sentence.
  [[nodiscard]] expected<std::uint16_t, std::string> listen(std::uint16_t port);
  /// Serves until SIGTERM or SIGINT, which must be blocked.
  void run();

 private:
  using clock = std::chrono::steady_clock;

  void watch(const bench::file_descriptor& what, void* as, std::uint32_t events);
  void accept();
  void read(connection& from);
  void take(connection& from, std::span<char> bytes);
  std::size_t take_request(connection& from, std::string_view bytes);
  std::size_t take_frames(connection& from, std::span<char> bytes);
  void take_packet(connection& from, std::string_view packet);
  void open(connection& fresh);
  void end(connection& ended);
  void end_pass();
  void ping();
  [[nodiscard]] int patience() const;

  chat* chat_;
  outbox* out_;
  message_log* log_;
  std::chrono::milliseconds ping_interval_;
  bench::file_descriptor epoll_;
  bench::file_descriptor listener_;
  bench::file_descriptor signals_;
  std::uint64_t last_serial_ = 0;
  std::unordered_map<connection*, connection_ptr> connections_;
  std::list<connection*> pings_; ///< every open WebSocket, by when its next ping is due
  std::vector<connection*> ended_;
};

} // namespace hubbub::floor
