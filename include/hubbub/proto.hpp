#pragma once

#include <hubbub/export.hpp>
#include <hubbub/version.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The protocol alone: packets of Engine.IO 4 and Socket.IO 5 as values, without sockets,
/// clocks, threads or actors. Nothing here throws except for want of memory, and every length
/// that a peer states is compared with a limit before memory is taken for it. All functions may
/// be called from any thread; a `decoder` belongs to one at a time.
namespace hubbub::protocol {

/// The type of an Engine.IO packet; the digit that a text packet begins with is the value.
enum class engine_type : std::uint8_t { open, close, ping, pong, message, upgrade, noop };

/// One Engine.IO packet. Binary packets are always messages.
struct engine_packet {
  engine_type type = engine_type::message;
  bool binary = false;
  std::string data;
  friend bool operator==(const engine_packet&, const engine_packet&) = default;
};

/// Decodes one text packet, as one WebSocket text message carries it. Returns nothing if it is
/// malformed or not UTF-8.
[[nodiscard]] HUBBUB_EXPORT std::optional<engine_packet>
decode_engine_text(std::string_view text);
/// Decodes the body of a long-polling request: packets joined by 0x1e, binary ones as `b` and
/// base64. Returns nothing if one of them is malformed, or if there are more than 10,000.
[[nodiscard]] HUBBUB_EXPORT std::optional<std::vector<engine_packet>>
decode_engine_payload(std::string_view body);
/// Encodes a packet as a WebSocket message carries it: a binary one is its data alone.
[[nodiscard]] HUBBUB_EXPORT std::string encode_engine(const engine_packet& what);

/// The types of Socket.IO packets. An event or answer with attachments is a binary one on the
/// wire.
enum class packet_type : std::uint8_t { connect, disconnect, event, ack, connect_error };

/// One Socket.IO packet.
struct packet {
  packet_type type = packet_type::event;
  std::string nsp = "/";
  /// The number of the answer: of an ack always set, of an event if it wants one.
  std::optional<std::uint64_t> id;
  /// JSON: an array `[name, args…]` of an event, `[args…]` of an ack, an object or nothing of
  /// the others. Attachments stand in it as `{"_placeholder":true,"num":0}`.
  std::string data;
  std::vector<std::string> attachments;
  friend bool operator==(const packet&, const packet&) = default;
};

/// Why a Socket.IO packet cannot be decoded.
enum class decode_error : std::uint8_t {
  malformed,  ///< not a packet, or not one that a client may send
  too_large,  ///< more attachments, or more bytes in them, than the limits allow
  unexpected, ///< an attachment that was not announced, or text where one was due
};

/// Bounds on one Socket.IO packet.
struct limits {
  std::size_t max_attachments = 10;
  std::size_t max_attachment_bytes = 1'000'000; ///< of all attachments together
  std::size_t max_json_depth = 64;
  std::size_t max_namespace = 256; ///< bytes
};

/// Assembles the packets that a client sends from Engine.IO messages.
class HUBBUB_EXPORT decoder {
 public:
  explicit decoder(const limits& bounds = {});
  decoder(decoder&&) noexcept;
  decoder& operator=(decoder&&) noexcept;
  ~decoder();

  /// Takes the data of one Engine.IO message. True if it completed a packet, which `take`
  /// returns; false if attachments are due, or after an error.
  bool feed(std::string data, bool binary = false);
  /// Returns the packet that was completed.
  [[nodiscard]] packet take();
  /// Returns the error after which the decoder must not be used again.
  [[nodiscard]] std::optional<decode_error> failed() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// The data of one Engine.IO message.
struct engine_message {
  std::string data;
  bool binary = false;
  friend bool operator==(const engine_message&, const engine_message&) = default;
};
/// Encodes a packet as the messages that carry it: the first is text, each attachment follows
/// as a binary one. `packet::data` must be valid JSON.
[[nodiscard]] HUBBUB_EXPORT std::vector<engine_message> encode(const packet& what);

/// Returns the version of the library that the program runs with; `header_version` is that of
/// the headers it was compiled with.
[[nodiscard]] HUBBUB_EXPORT std::string_view library_version();

} // namespace hubbub::protocol
