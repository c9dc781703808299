#pragma once

#include "bench/client/dialect.hpp"
#include "bench/client/room_log.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The chat's events as a dialect spells them. Reading is on the way of every delivery, so it
/// looks for what it needs and nothing more.
namespace hubbub::bench {

/// Writes what clients send.
class chat_writer {
 public:
  explicit chat_writer(const dialect& words) : words_(&words) {}

  /// `since`: the last seq the client has seen; 0: all are missed.
  [[nodiscard]] std::string join(std::uint64_t ack, std::size_t client, std::string_view room,
                                 std::optional<std::int64_t> since) const;
  [[nodiscard]] std::string leave(std::uint64_t ack, std::string_view room) const;
  /// A content of `size` bytes, or as many as the key needs.
  [[nodiscard]] std::string message(std::uint64_t ack, std::size_t client,
                                    std::string_view room, message_key key,
                                    std::size_t size) const;
  [[nodiscard]] std::string typing(std::uint64_t ack, std::size_t client, std::string_view room,
                                   bool is_typing) const;

 private:
  const dialect* words_;
};

/// A message's content: its key, then text. The words are real enough to be compressed.
[[nodiscard]] std::string make_content(message_key key, std::size_t size);

/// The key that `make_content` wrote; empty if it did not write this.
[[nodiscard]] std::optional<message_key> read_content(std::string_view content);

/// An ack, as it stands behind the Engine.IO `4`.
struct received_ack {
  std::uint64_t id = 0;
  std::string_view argument; ///< the first one and all behind it, without the brackets
};

/// What a typing event says.
struct received_typing {
  std::uint32_t client = 0;
  bool is_typing = false;
};

/// How a packet with the event `name` begins; empty for no name.
[[nodiscard]] std::string event_start(std::string_view name);

/// Reads what servers send.
class chat_reader {
 public:
  explicit chat_reader(const dialect& words);

  [[nodiscard]] bool is_message(std::string_view packet) const {
    return packet.starts_with(message_event_);
  }
  [[nodiscard]] bool is_typing(std::string_view packet) const {
    return packet.starts_with(typing_event_);
  }
  [[nodiscard]] static std::optional<received_ack> ack(std::string_view packet);
  [[nodiscard]] bool is_good(const received_ack& ack) const {
    return ack.argument.starts_with(words_->ack_ok);
  }
  /// The key in the content of the message somewhere in `json`; empty if there is none.
  [[nodiscard]] std::optional<message_key> key(std::string_view json) const;
  [[nodiscard]] std::optional<std::int64_t> seq(std::string_view json) const;
  [[nodiscard]] std::optional<received_typing> typing(std::string_view json) const;

 private:
  const dialect* words_;
  std::string message_event_; ///< `2["new_message"`
  std::string typing_event_;
  std::string content_key_; ///< `"content":`
  std::string seq_key_;
  std::string typing_key_;
  std::string typist_key_;
};

} // namespace hubbub::bench
