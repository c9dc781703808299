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

/// Bounds of what one Socket.IO packet may hold.
struct socket_limits {
  /// Attachments of one packet, which names their number before they come. All of them are kept
  /// until the last is there. The chat's events have none: ten do for an application beside it.
  std::size_t max_attachments = 10;
  /// Bytes of all attachments of one packet together. Each alone is bounded by the payload.
  std::size_t max_attachment_bytes = 1'000'000;
  std::size_t max_json_depth = hubbub::max_json_depth;
  /// Bytes of a namespace without its query string.
  std::size_t max_namespace = 256;
};

/// The sender's number for the answer to one event: at most 15 digits, so that clients whose
/// numbers are doubles count as we do.
using ack_id = std::uint64_t;

/// Socket.IO protocol 5, "Packet types". Each keeps its parsed JSON; views into it live as long
/// as the packet. A binary event or ack is an event or ack with attachments; their places in
/// the JSON stay as they came, `{"_placeholder":true,"num":0}`, with numbers that are known to
/// be in range.
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

  /// The event's name; a numeric one in its digits.
  [[nodiscard]] std::string name() const;
  /// True for a name that was a number.
  [[nodiscard]] bool numeric_name() const;
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
  unknown_type,         ///< not 0–6, or CONNECT_ERROR, which only servers send
  bad_attachment_count, ///< missing from a binary packet, or malformed
  too_many_attachments,
  attachments_too_large, ///< all together
  bad_placeholder,       ///< stands for an attachment that was not announced
  bad_namespace,         ///< too long, or with control characters
  bad_ack_id,            ///< malformed, too large, or missing from an ack
  bad_json,
  bad_payload,           ///< JSON of the wrong form for the packet's type
  reserved_event,        ///< a name that libraries raise themselves: `connect` and the like
  unexpected_attachment, ///< bytes that no packet announced
  missing_attachment,    ///< text where bytes were due
};

/// Puts packets together from Engine.IO messages: a text one is a packet, or the head of one
/// whose attachments follow as binary messages. After an error the decoder is spent.
class socket_decoder {
 public:
  explicit socket_decoder(const socket_limits& limits);
  ~socket_decoder();

  /// One Engine.IO message. A value without a packet: more attachments are due.
  [[nodiscard]] expected<std::optional<socket_packet>, socket_error> feed(std::string data,
                                                                          bool binary);

  /// Attachments are due.
  [[nodiscard]] bool incomplete() const { return partial_ != nullptr; }
  /// Bytes of memory that wait for attachments that are due, at most.
  [[nodiscard]] std::size_t held() const;

 private:
  struct partial;

  expected<std::optional<socket_packet>, socket_error> feed_text(std::string_view text);
  expected<std::optional<socket_packet>, socket_error> feed_attachment(std::string bytes);

  const socket_limits* limits_;
  std::unique_ptr<partial> partial_; ///< few connections ever have one
};

/// The frames of one event, ready to be shared: `[name, args…]` to `nsp`. `args_json` are the
/// arguments as JSON, already joined with commas (empty: none). With attachments the first
/// frame is followed by one binary frame each. `about`: the message of a room that it is.
[[nodiscard]] std::vector<frame_ptr>
encode_event(std::string_view nsp, std::string_view name, std::string_view args_json,
             const std::vector<std::string>& attachments = {}, std::optional<ack_id> id = {},
             message_span about = {});
/// The frames of the answer to event `id`; `args_json` as in `encode_event`.
[[nodiscard]] std::vector<frame_ptr>
encode_ack(std::string_view nsp, ack_id id, std::string_view args_json,
           const std::vector<std::string>& attachments = {});
/// `pid`: the private id of a session that can be recovered.
[[nodiscard]] frame_ptr encode_connect(std::string_view nsp, std::string_view sid,
                                       std::string_view pid = {});
/// `data_json` is the error's object: `{"message":…}`.
[[nodiscard]] frame_ptr encode_connect_error(std::string_view nsp, std::string_view data_json);
[[nodiscard]] frame_ptr encode_disconnect(std::string_view nsp);

} // namespace hubbub
