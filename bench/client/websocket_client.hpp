#pragma once

#include "bench/client/client.hpp"
#include "bench/client/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub::bench {

/// A client with its own WebSocket.
class websocket_client final : public client, event_handler {
 public:
  using client::client;

  void stop_reading() override;
  void read_some(std::size_t bytes) override;

 private:
  void start() override;
  void write(char engine_type, std::string_view data) override;
  void finish() override;
  void reset() override;

  void on_events(std::uint32_t events) override;
  void on_pass_end() override;

  void on_connected();
  void read(std::size_t at_most);
  /// Handles all complete frames; returns how many bytes they took.
  std::size_t take(std::string_view bytes);
  std::size_t take_response(std::string_view bytes);
  void on_frame(std::uint8_t code, std::string_view payload);
  void flush();
  void flush_later();
  void watch();

  file_descriptor socket_;
  bool upgraded_ = false;
  bool reads_ = true;
  bool waits_to_write_ = false;
  bool flushes_ = false; ///< true: the queue is flushed at the end of this pass
  std::uint32_t watched_ = 0;
  std::string unread_; ///< the beginning of a frame whose end has not arrived
  std::string unsent_;
};

} // namespace hubbub::bench
