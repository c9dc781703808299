#pragma once

#include "bench/client_frame.hpp"
#include "bench/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hubbub::bench {

class chat_client;

/// Who owns the clients and hears what happens to them.
class client_owner {
 public:
  virtual ~client_owner() = default;
  /// It is in the namespace `/`.
  virtual void on_ready(chat_client& client) = 0;
  /// A Socket.IO packet: the text behind the Engine.IO `4`.
  virtual void on_packet(chat_client& client, std::string_view packet) = 0;
  /// The connection ended or could not be made; `why` is a sentence.
  virtual void on_lost(chat_client& client, std::string why) = 0;
};

/// One Socket.IO client over a WebSocket of its own, as cheap as a client can be: it shares an
/// epoll and a buffer with thousands of others.
class chat_client {
 public:
  chat_client(std::size_t number, client_owner& owner) : number_(number), owner_(&owner) {}

  /// Starts to connect to a server on this machine; `on_ready` or `on_lost` follows. `epoll`
  /// will report this object, which must not move from now on.
  void connect(int epoll, std::uint16_t port);
  /// Queues a Socket.IO packet. It leaves with the next `flush`, and after each `on_events`.
  void send(std::string_view packet);
  void flush();
  /// What epoll reported. `buffer` is scratch.
  void on_events(std::uint32_t events, std::span<char> buffer);

  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  enum class stage : std::uint8_t { idle, connecting, upgrading, opening, open, lost };

  void on_connected();
  void read(std::span<char> buffer);
  /// Returns how much of `bytes` was whole.
  std::size_t take(std::string_view bytes);
  std::size_t take_response(std::string_view bytes);
  void on_text(std::string_view text);
  void send_engine(std::string_view packet);
  void watch(bool writable);
  void lose(std::string why);

  std::size_t number_;
  client_owner* owner_;
  file_descriptor socket_;
  int epoll_ = -1;
  stage stage_ = stage::idle;
  bool waits_to_write_ = false;
  std::string unread_; ///< the beginning of a frame whose end has not arrived
  std::string unsent_;
};

} // namespace hubbub::bench
