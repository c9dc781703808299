#pragma once

#include "net/chat_server.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// The whole server under a fuzz target: what a client sends goes in at one end of a pair of
/// connected sockets and through the very code that serves it in production, on the target's
/// own thread and in one order.
namespace hubbub::fuzz {

/// Takes an input apart.
class script {
 public:
  script(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  [[nodiscard]] bool ended() const { return rest_.empty(); }
  /// The next byte; 0 at the end.
  std::uint8_t byte();
  /// What stands before the next `mark`, or the end.
  std::string_view until(char mark);
  std::string_view rest() { return std::exchange(rest_, {}); }

 private:
  std::string_view rest_;
};

/// Ends the target where a promise is broken.
void require(bool kept, const char* promise);

/// A chat with an empty store in memory, whose threads this one stands in for. Nothing happens
/// but in `settle`, and its actors' time passes only in `let_pass`.
class served_chat {
 public:
  served_chat();
  ~served_chat();
  served_chat(const served_chat&) = delete;
  served_chat& operator=(const served_chat&) = delete;

  /// Does all there is to do.
  void settle();
  void let_pass(std::chrono::seconds time);
  [[nodiscard]] server_stats stats();
  [[nodiscard]] server& connections() { return chat_.connections(); }

 private:
  struct quiet_config : chat_system_config {
    quiet_config() { set("scheduler.policy", caf::atom("testing")); }
  };
  caf::scheduler::test_coordinator& scheduler();

  quiet_config config_;
  caf::actor_system system_{config_};
  chat_server chat_;
};

/// The chat that a target's runs share. It is replaced by a new one after so many of them,
/// since rooms and messages stay.
served_chat& shared_chat();

/// One connection of a client.
class served_client {
 public:
  explicit served_client(served_chat& chat);
  /// Ends the connection, which the server has to notice.
  ~served_client();
  served_client(const served_client&) = delete;
  served_client& operator=(const served_client&) = delete;

  /// Sends, `piece` bytes at a time, each of which the server has read before the next; 0: all
  /// at once. Then reads what there is to read.
  void send(std::string_view bytes, std::size_t piece = 0);
  void receive();

  /// Everything the server has sent since the beginning or `forget`.
  [[nodiscard]] const std::string& received() const { return received_; }
  /// As if nothing had been received so far.
  void forget() { received_.clear(); }
  /// The server has ended the connection.
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  served_chat* chat_;
  int socket_ = -1;
  std::string received_;
  bool ended_ = false;
};

/// A WebSocket frame as a client sends it. Its mask is zero, so that an input's bytes stay what
/// they are. The first byte is FIN, the reserved bits and the opcode.
[[nodiscard]] std::string client_frame(std::uint8_t first_byte, std::string_view payload);

/// A request for a WebSocket, or for the upgrade of the session `sid`.
[[nodiscard]] std::string upgrade_request(std::string_view sid = {});

/// Requires that `bytes`, which follow the answer to an upgrade, are frames such as only a
/// server may send: unmasked, whole but for the last, text in UTF-8. Adds up what text says.
std::string checked_frames(std::string_view bytes);

/// Requires that an HTTP answer is one, and that nothing went wrong inside the server.
void check_answer(std::string_view bytes);

} // namespace hubbub::fuzz
