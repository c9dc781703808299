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

/// The whole server under a fuzz target. What a client sends goes in at one end of a pair of
/// connected sockets and through the code that serves it in production, on the target's own
/// thread and in one order.
namespace hubbub::fuzz {

/// Reads an input piece by piece.
class script {
 public:
  script(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  [[nodiscard]] bool ended() const { return rest_.empty(); }
  /// Returns the next byte; 0 at the end.
  std::uint8_t byte();
  /// Returns the bytes before the next `mark`, or before the end.
  std::string_view until(char mark);
  std::string_view rest() { return std::exchange(rest_, {}); }

 private:
  std::string_view rest_;
};

/// Ends the target if a guarantee is broken.
void require(bool kept, const char* promise);

/// A chat with an empty store in memory, whose threads the target's thread replaces. Everything
/// happens in `settle`, and its actors' time passes only in `let_pass`.
class served_chat {
 public:
  served_chat();
  ~served_chat();
  served_chat(const served_chat&) = delete;
  served_chat& operator=(const served_chat&) = delete;

  /// Runs until nothing is left to do.
  void settle();
  void let_pass(std::chrono::seconds time);
  [[nodiscard]] server_stats stats();
  [[nodiscard]] server& connections() { return chat_.connections(); }

 private:
  struct quiet_config : caf::actor_system_config {
    quiet_config() {
      add_chat_types(*this);
      set("scheduler.policy", caf::atom("testing"));
    }
  };
  caf::scheduler::test_coordinator& scheduler();

  quiet_config config_;
  caf::actor_system system_{config_};
  chat_server chat_;
};

/// Returns the chat that a target's runs share. It is replaced by a new one after a number of
/// runs, since rooms and messages stay.
served_chat& shared_chat();

/// One connection of a client.
class served_client {
 public:
  explicit served_client(served_chat& chat);
  /// Ends the connection, which the server has to notice.
  ~served_client();
  served_client(const served_client&) = delete;
  served_client& operator=(const served_client&) = delete;

  /// Sends, `piece` bytes at a time, each of which the server has read before the next one; 0:
  /// all at once. Then reads what the server sent.
  void send(std::string_view bytes, std::size_t piece = 0);
  void receive();

  /// Returns everything that the server has sent since the beginning or `forget`.
  [[nodiscard]] const std::string& received() const { return received_; }
  /// Drops everything that was received so far.
  void forget() { received_.clear(); }
  /// True if the server has ended the connection.
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  served_chat* chat_;
  int socket_ = -1;
  std::string received_;
  bool ended_ = false;
};

/// Returns a WebSocket frame as a client sends it. Its mask is zero, so that an input's bytes
/// stay unchanged. The first byte is FIN, the reserved bits and the opcode.
[[nodiscard]] std::string client_frame(std::uint8_t first_byte, std::string_view payload);

/// Returns a request for a WebSocket, or for the upgrade of the session `sid`.
[[nodiscard]] std::string upgrade_request(std::string_view sid = {});

/// Requires that `bytes`, which follow the answer to an upgrade, are frames that a server may
/// send: unmasked, complete except for the last, text in UTF-8. Returns the text of all frames
/// together.
std::string checked_frames(std::string_view bytes);

/// Requires that an HTTP answer is valid, and that nothing went wrong inside the server.
void check_answer(std::string_view bytes);

} // namespace hubbub::fuzz
