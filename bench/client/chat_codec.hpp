#pragma once

#include "bench/client/dialect.hpp"
#include "bench/client/room_log.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Writes and reads the chat's events as a dialect spells them. Every delivery is read, so the
/// reader looks only for the fields that it needs.
namespace hubbub::bench {

/// Writes the packets that clients send.
class chat_writer {
 public:
  explicit chat_writer(const dialect& words) : words_(&words) {}

  /// Writes a join; `since` is the last seq that the client has seen, 0 if it has seen none.
  [[nodiscard]] std::string join(std::uint64_t ack, std::size_t client, std::string_view room,
                                 std::optional<std::int64_t> since) const;
  [[nodiscard]] std::string leave(std::uint64_t ack, std::string_view room) const;
  /// Makes a content of `size` bytes, or as many as the key needs.
  [[nodiscard]] std::string message(std::uint64_t ack, std::size_t client,
                                    std::string_view room, message_key key,
                                    std::size_t size) const;
  [[nodiscard]] std::string typing(std::uint64_t ack, std::size_t client, std::string_view room,
                                   bool is_typing) const;

 private:
  const dialect* words_;
};

/// Makes a message's content: its key, then text made of words, so that it compresses like
/// text.
[[nodiscard]] std::string make_content(message_key key, std::size_t size);

/// Returns the key that `make_content` wrote into a content; empty if there is none.
[[nodiscard]] std::optional<message_key> read_content(std::string_view content);

/// An ack packet, without the Engine.IO type `4`.
struct received_ack {
  std::uint64_t id = 0;
  std::string_view argument; ///< all arguments as JSON, without the brackets
};

/// The content of a typing event.
struct received_typing {
  std::uint32_t client = 0;
  bool is_typing = false;
};

/// Returns how a packet with the event `name` begins; empty for an empty name.
[[nodiscard]] std::string event_start(std::string_view name);

/// Reads the packets that servers send.
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
  /// Finds the key in the content of the first message in `json`; empty if there is none.
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
