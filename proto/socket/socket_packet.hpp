#pragma once

#include "proto/expected.hpp"
#include "proto/json/json.hpp"
#include "proto/limits.hpp"
#include "proto/websocket/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hubbub {

/// Bounds on what one Socket.IO packet may hold.
struct socket_limits {
  /// Maximum number of attachments of one packet, which announces their number before they
  /// come. All of them are kept until the last has arrived. The chat's events have none; ten
  /// are enough for another application.
  std::size_t max_attachments = 10;
  /// Maximum number of bytes of all attachments of one packet together. Each one is also
  /// bounded by the payload.
  std::size_t max_attachment_bytes = 1'000'000;
  std::size_t max_json_depth = hubbub::max_json_depth;
  /// Maximum number of bytes of a namespace without its query string.
  std::size_t max_namespace = 256;
};

/// The sender's number for the answer to one event. It has at most 15 digits, so that clients
/// whose numbers are doubles count as we do.
using ack_id = std::uint64_t;

/// A CONNECT packet. Each of the packets here (Socket.IO protocol 5, "Packet types") keeps its
/// parsed JSON; views into it live as long as the packet. A binary event or ack is an event or
/// ack with attachments. Their places in the JSON stay as they came,
/// `{"_placeholder":true,"num":0}`, and the numbers are known to be in range.
struct connect_packet {
  std::string nsp;
  json::document auth; ///< an object, or absent
};
struct disconnect_packet {
  std::string nsp;
};
struct event_packet {
  std::string nsp;
  std::optional<ack_id> id;
  json::document data; ///< an array of at least one element, the first a string or number
  std::vector<std::string> attachments;

  /// Returns the event's name; a numeric name comes as its digits.
  [[nodiscard]] std::string name() const;
  /// True if the name was a number.
  [[nodiscard]] bool numeric_name() const;
  /// Returns what follows the name, as a JSON array.
  [[nodiscard]] std::string args_json() const;
};
struct ack_packet {
  std::string nsp;
  ack_id id = 0;
  json::document data; ///< an array
  std::vector<std::string> attachments;
};
using socket_packet = std::variant<connect_packet, disconnect_packet, event_packet, ack_packet>;

enum class socket_error : std::uint8_t {
  empty,
  unknown_type,         ///< not one of 0–6, or CONNECT_ERROR, which only servers send
  bad_attachment_count, ///< missing from a binary packet, or malformed
  too_many_attachments,
  attachments_too_large, ///< too many bytes in all attachments together
  bad_placeholder,       ///< a placeholder for an attachment that was not announced
  bad_namespace,         ///< too long, or contains control characters
  bad_ack_id,            ///< malformed, too large, or missing from an ack
  bad_json,
  bad_payload,           ///< JSON of the wrong form for the type of the packet
  reserved_event,        ///< a name that libraries raise themselves, such as `connect`
  unexpected_attachment, ///< bytes that no packet announced
  missing_attachment,    ///< text where an attachment was due
};

/// True if client and server libraries raise an event of this name themselves. An application
/// that received one from the other side would take it for the library's.
[[nodiscard]] bool is_library_event(std::string_view name);

/// Assembles packets from Engine.IO messages. A text message is a packet, or the head of one
/// whose attachments follow as binary messages. After an error the decoder must not be used
/// again.
class socket_decoder {
 public:
  explicit socket_decoder(const socket_limits& limits);
  ~socket_decoder();

  /// Takes one Engine.IO message. Returns the packet that it completes, or nothing if more
  /// attachments are due.
  [[nodiscard]] expected<std::optional<socket_packet>, socket_error> feed(std::string data,
                                                                          bool binary);

  /// True while attachments are due.
  [[nodiscard]] bool incomplete() const { return partial_ != nullptr; }
  /// Returns an upper bound of the bytes of memory that are held while attachments are due.
  [[nodiscard]] std::size_t held() const;

 private:
  struct partial;

  expected<std::optional<socket_packet>, socket_error> feed_text(std::string_view text);
  expected<std::optional<socket_packet>, socket_error> feed_attachment(std::string bytes);

  const socket_limits* limits_;
  /// Allocated only when needed: few connections ever have one.
  std::unique_ptr<partial> partial_;
};

/// Encodes one event `[name, args…]` to `nsp` as frames that are ready to be shared.
/// `args_json` holds the arguments as JSON, already joined with commas (empty: none). The first
/// frame is followed by one binary frame for each attachment. `about` names the message of a
/// room that the event carries.
[[nodiscard]] std::vector<frame_ptr>
encode_event(std::string_view nsp, std::string_view name, std::string_view args_json,
             const std::vector<std::string>& attachments = {}, std::optional<ack_id> id = {},
             message_span about = {});
/// Encodes the answer to event `id` as frames; `args_json` is as in `encode_event`.
[[nodiscard]] std::vector<frame_ptr>
encode_ack(std::string_view nsp, ack_id id, std::string_view args_json,
           const std::vector<std::string>& attachments = {});
/// The answer to event `id`, without attachments, whose arguments are written in place: a long
/// one is not copied.
class ack_writer {
 public:
  /// Sets aside memory for so many bytes of arguments.
  ack_writer(std::string_view nsp, ack_id id, std::size_t reserve = 96);
  /// Returns the string to append the arguments to, which are as in `encode_event`. Only
  /// append.
  [[nodiscard]] std::string& arguments() { return builder_.out(); }
  /// Returns the frame; the writer must not be used again.
  [[nodiscard]] frame_ptr finish() &&;

 private:
  frame_builder builder_;
};
/// Encodes a CONNECT. `pid` is the private id of a session that can be recovered.
[[nodiscard]] frame_ptr encode_connect(std::string_view nsp, std::string_view sid,
                                       std::string_view pid = {});
/// Encodes a CONNECT_ERROR. `data_json` is the error's object: `{"message":…}`.
[[nodiscard]] frame_ptr encode_connect_error(std::string_view nsp, std::string_view data_json);
[[nodiscard]] frame_ptr encode_disconnect(std::string_view nsp);

} // namespace hubbub
