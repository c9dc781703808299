#include "proto/socket/socket_packet.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

namespace hubbub {

namespace {

enum class packet_type : std::uint8_t {
  connect,
  disconnect,
  event,
  ack,
  binary_event,
  binary_ack
};

constexpr std::array<std::string_view, 6> reserved_events{
    "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};

constexpr std::size_t max_ack_id_digits = 15;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20;
}

std::optional<packet_type> to_type(char digit) {
  switch (digit) {
  case '0': return packet_type::connect;
  case '1': return packet_type::disconnect;
  case '2': return packet_type::event;
  case '3': return packet_type::ack;
  case '5': return packet_type::binary_event;
  case '6': return packet_type::binary_ack;
  default: return {}; // 4 is CONNECT_ERROR, which only the server sends
  }
}

/// Removes the longest prefix of `rest` whose characters satisfy `fits`, and returns it.
template <class Predicate>
std::string_view take_while(std::string_view& rest, Predicate fits) {
  const auto end = std::find_if_not(rest.begin(), rest.end(), fits);
  const auto taken = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(taken.size());
  return taken;
}

/// Takes `<attachments>-` off the front of `rest`.
expected<std::size_t, socket_error> take_attachment_count(std::string_view& rest,
                                                          std::size_t limit) {
  const auto digits = take_while(rest, is_digit);
  if (digits.empty() || !rest.starts_with('-'))
    return unexpected(socket_error::bad_attachment_count);
  rest.remove_prefix(1);
  // A limit near the end of the type must not let the count go round.
  limit = std::min<std::size_t>(limit, std::numeric_limits<std::uint32_t>::max());
  std::size_t count = 0;
  for (const char digit : digits) {
    count = count * 10 + static_cast<std::size_t>(digit - '0');
    if (count > limit) return unexpected(socket_error::too_many_attachments);
  }
  return count;
}

/// Takes `/namespace?query,` off the front of `rest`. The comma may be missing where nothing
/// follows; the query is ignored.
expected<std::string, socket_error> take_namespace(std::string_view& rest, std::size_t limit) {
  if (!rest.starts_with('/')) return "/";
  auto name = take_while(rest, [](char c) { return c != ','; });
  if (!rest.empty()) rest.remove_prefix(1);
  name = name.substr(0, name.find('?'));
  if (name.size() > limit || std::any_of(name.begin(), name.end(), is_control))
    return unexpected(socket_error::bad_namespace);
  return std::string{name};
}

expected<std::optional<ack_id>, socket_error> take_ack_id(std::string_view& rest) {
  const auto digits = take_while(rest, is_digit);
  if (digits.empty()) return std::optional<ack_id>{};
  if (digits.size() > max_ack_id_digits) return unexpected(socket_error::bad_ack_id);
  ack_id id = 0;
  for (const char digit : digits)
    id = id * 10 + static_cast<ack_id>(digit - '0');
  return id;
}

/// True if every object that stands for an attachment names one of `count`.
bool placeholders_fit(json::value node, std::size_t count) {
  if (node.find("_placeholder").boolean() == true) {
    const auto index = node.find("num").integer();
    return index && *index >= 0 && static_cast<std::size_t>(*index) < count;
  }
  for (std::size_t i = 0; i < node.size(); ++i) {
    if (!placeholders_fit(node.is_array() ? node.at(i) : node.member_at(i), count))
      return false;
  }
  return true;
}

std::optional<socket_error> check_event(json::value data) {
  const auto name = data.at(0); // absent unless `data` is a non-empty array
  if (name.is_number()) return {};
  if (!name.is_string()) return socket_error::bad_payload;
  if (is_library_event(*name.string())) return socket_error::reserved_event;
  return {};
}

/// The fields of a packet before its payload.
struct head {
  packet_type type;
  std::size_t attachments = 0;
  std::string nsp;
  std::optional<ack_id> id;

  [[nodiscard]] bool binary() const {
    return type == packet_type::binary_event || type == packet_type::binary_ack;
  }
};

/// Takes the head of a packet off the front of `rest`.
expected<head, socket_error> take_head(std::string_view& rest, const socket_limits& limits) {
  if (rest.empty()) return unexpected(socket_error::empty);
  const auto type = to_type(rest.front());
  if (!type) return unexpected(socket_error::unknown_type);
  rest.remove_prefix(1);

  head h{*type, 0, {}, {}};
  if (h.binary()) {
    const auto count = take_attachment_count(rest, limits.max_attachments);
    if (!count) return unexpected(count.error());
    h.attachments = *count;
  }
  auto nsp = take_namespace(rest, limits.max_namespace);
  if (!nsp) return unexpected(nsp.error());
  h.nsp = std::move(*nsp);
  const auto id = take_ack_id(rest);
  if (!id) return unexpected(id.error());
  h.id = *id;
  return h;
}

expected<socket_packet, socket_error> make_packet(head h, json::document data) {
  const auto root = data.root();
  if (h.binary() && !placeholders_fit(root, h.attachments))
    return unexpected(socket_error::bad_placeholder);

  switch (h.type) {
  case packet_type::connect:
    if (h.id) return unexpected(socket_error::bad_ack_id);
    if (root.exists() && !root.is_object()) return unexpected(socket_error::bad_payload);
    return connect_packet{std::move(h.nsp), std::move(data)};
  case packet_type::disconnect:
    if (h.id) return unexpected(socket_error::bad_ack_id);
    if (root.exists()) return unexpected(socket_error::bad_payload);
    return disconnect_packet{std::move(h.nsp)};
  case packet_type::event:
  case packet_type::binary_event:
    if (const auto flaw = check_event(root)) return unexpected(*flaw);
    return event_packet{std::move(h.nsp), h.id, std::move(data), {}};
  case packet_type::ack:
  case packet_type::binary_ack:
    if (!h.id) return unexpected(socket_error::bad_ack_id);
    if (!root.is_array()) return unexpected(socket_error::bad_payload);
    return ack_packet{std::move(h.nsp), *h.id, std::move(data), {}};
  }
  return unexpected(socket_error::unknown_type);
}

std::vector<std::string>* attachments_of(socket_packet& packet) {
  if (auto* event = std::get_if<event_packet>(&packet)) return &event->attachments;
  if (auto* ack = std::get_if<ack_packet>(&packet)) return &ack->attachments;
  return nullptr;
}

} // namespace

bool is_library_event(std::string_view name) {
  return std::find(reserved_events.begin(), reserved_events.end(), name) !=
         reserved_events.end();
}

/// A packet of which attachments are still missing.
struct socket_decoder::partial {
  socket_packet packet;
  std::size_t missing = 0;
  std::size_t attached = 0; ///< bytes of the attachments that have come
  std::size_t head = 0;     ///< bytes of the text that announced them
};

socket_decoder::socket_decoder(const socket_limits& limits) : limits_(&limits) {}
socket_decoder::~socket_decoder() = default;

std::size_t socket_decoder::held() const {
  constexpr std::size_t memory_of_a_byte =
      8; // a number takes a node of 16 bytes, and two bytes of text with its comma
  return partial_ ? partial_->attached + memory_of_a_byte * partial_->head : 0;
}

expected<std::optional<socket_packet>, socket_error> socket_decoder::feed(std::string data,
                                                                          bool binary) {
  return binary ? feed_attachment(std::move(data)) : feed_text(data);
}

expected<std::optional<socket_packet>, socket_error>
socket_decoder::feed_text(std::string_view text) {
  if (partial_) return unexpected(socket_error::missing_attachment);
  const auto size = text.size();
  auto head = take_head(text, *limits_);
  if (!head) return unexpected(head.error());

  json::document payload;
  if (!text.empty()) {
    auto parsed = json::parse(text, limits_->max_json_depth);
    if (!parsed) return unexpected(socket_error::bad_json);
    payload = std::move(*parsed);
  }
  const auto missing = head->attachments;
  auto packet = make_packet(std::move(*head), std::move(payload));
  if (!packet) return unexpected(packet.error());
  if (missing == 0) return std::move(*packet);
  partial_ = std::make_unique<partial>(partial{std::move(*packet), missing, 0, size});
  return std::nullopt;
}

expected<std::optional<socket_packet>, socket_error>
socket_decoder::feed_attachment(std::string bytes) {
  auto* attachments = partial_ ? attachments_of(partial_->packet) : nullptr;
  if (!attachments) return unexpected(socket_error::unexpected_attachment);
  if (bytes.size() > limits_->max_attachment_bytes - partial_->attached)
    return unexpected(socket_error::attachments_too_large);
  partial_->attached += bytes.size();
  attachments->push_back(std::move(bytes));
  if (--partial_->missing != 0) return std::nullopt;
  return std::move(std::exchange(partial_, nullptr)->packet);
}

} // namespace hubbub
