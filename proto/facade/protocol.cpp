#include "include/hubbub/proto.hpp"
#include "proto/engine/engine_packet.hpp"
#include "proto/json/json.hpp"
#include "proto/overloaded.hpp"
#include "proto/socket/socket_packet.hpp"

#include <utility>
#include <variant>

namespace hubbub::protocol {
namespace {

engine_packet to_public(hubbub::engine_packet&& from) {
  return {static_cast<engine_type>(from.type), from.binary, std::move(from.data)};
}

std::string dumped(json::value what) {
  std::string text;
  if (what.exists()) what.dump(text);
  return text;
}

decode_error to_public(socket_error why) {
  switch (why) {
  case socket_error::too_many_attachments:
  case socket_error::attachments_too_large: return decode_error::too_large;
  case socket_error::unexpected_attachment:
  case socket_error::missing_attachment: return decode_error::unexpected;
  case socket_error::empty:
  case socket_error::unknown_type:
  case socket_error::bad_attachment_count:
  case socket_error::bad_placeholder:
  case socket_error::bad_namespace:
  case socket_error::bad_ack_id:
  case socket_error::bad_json:
  case socket_error::bad_payload:
  case socket_error::reserved_event: break;
  }
  return decode_error::malformed;
}

packet to_public(socket_packet&& from) {
  const overloaded read{
      [](connect_packet& each) {
        return packet{
            packet_type::connect, std::move(each.nsp), {}, dumped(each.auth.root()), {}};
      },
      [](disconnect_packet& each) {
        return packet{packet_type::disconnect, std::move(each.nsp), {}, {}, {}};
      },
      [](event_packet& each) {
        return packet{packet_type::event, std::move(each.nsp), each.id,
                      dumped(each.data.root()), std::move(each.attachments)};
      },
      [](ack_packet& each) {
        return packet{packet_type::ack, std::move(each.nsp), each.id, dumped(each.data.root()),
                      std::move(each.attachments)};
      },
  };
  return std::visit(read, from);
}

char digit_of(packet_type type, bool binary) {
  switch (type) {
  case packet_type::connect: return '0';
  case packet_type::disconnect: return '1';
  case packet_type::event: return binary ? '5' : '2';
  case packet_type::ack: return binary ? '6' : '3';
  case packet_type::connect_error: break;
  }
  return '4';
}

} // namespace

std::optional<engine_packet> decode_engine_text(std::string_view text) {
  auto decoded = hubbub::decode_engine_text(text);
  if (!decoded) return std::nullopt;
  return to_public(*std::move(decoded));
}

std::optional<std::vector<engine_packet>> decode_engine_payload(std::string_view body) {
  auto decoded = hubbub::decode_engine_payload(body);
  if (!decoded) return std::nullopt;
  std::vector<engine_packet> packets;
  packets.reserve(decoded->size());
  for (auto& each : *decoded)
    packets.push_back(to_public(std::move(each)));
  return packets;
}

std::string encode_engine(const engine_packet& what) {
  if (what.binary) return what.data;
  return to_digit(static_cast<hubbub::engine_type>(what.type)) + what.data;
}

struct decoder::state {
  explicit state(const limits& from)
      : bounds{from.max_attachments, from.max_attachment_bytes, from.max_json_depth,
               from.max_namespace},
        inner(bounds) {}

  socket_limits bounds; // `inner` refers to it
  socket_decoder inner;
  packet complete;
  std::optional<decode_error> failed;
};

decoder::decoder(const limits& bounds) : state_(std::make_unique<state>(bounds)) {}
decoder::decoder(decoder&&) noexcept = default;
decoder& decoder::operator=(decoder&&) noexcept = default;
decoder::~decoder() = default;

bool decoder::feed(std::string data, bool binary) {
  if (state_->failed) return false;
  auto fed = state_->inner.feed(std::move(data), binary);
  if (!fed) {
    state_->failed = to_public(fed.error());
    return false;
  }
  if (!*fed) return false;
  state_->complete = to_public(**std::move(fed));
  return true;
}

packet decoder::take() {
  return std::exchange(state_->complete, {});
}

std::optional<decode_error> decoder::failed() const {
  return state_->failed;
}

std::vector<engine_message> encode(const packet& what) {
  const bool binary = !what.attachments.empty();
  std::string head{digit_of(what.type, binary)};
  if (binary) head += std::to_string(what.attachments.size()) + '-';
  if (what.nsp != "/") head += what.nsp + ',';
  if (what.id) head += std::to_string(*what.id);
  std::vector<engine_message> messages{{head + what.data, false}};
  for (const auto& each : what.attachments)
    messages.push_back({each, true});
  return messages;
}

std::string_view library_version() {
  return header_version;
}

} // namespace hubbub::protocol
