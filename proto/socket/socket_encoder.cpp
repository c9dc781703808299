#include "proto/socket/socket_packet.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace hubbub {

namespace {

/// Bytes reserved for a head, more than any needs: the digits of type, attachment count and id,
/// and their punctuation.
constexpr std::size_t head_room = 64;

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits; // 2^64 has 20 digits
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

/// Starts the Engine.IO message of a packet: both type digits, and the namespace unless it is
/// `/`.
void append_head(std::string& out, char type, std::string_view nsp,
                 std::size_t attachments = 0) {
  out += '4';
  out += type;
  if (attachments != 0) {
    append_number(out, attachments);
    out += '-';
  }
  if (nsp != "/") {
    out += nsp;
    out += ',';
  }
}

/// Returns the packet's own frame, followed by one for each attachment.
std::vector<frame_ptr> finish(frame_builder head, const std::vector<std::string>& attachments,
                              message_span about = {}) {
  std::vector<frame_ptr> frames;
  frames.reserve(1 + attachments.size());
  frames.push_back(std::move(head).finish(false, std::move(about)));
  for (const auto& bytes : attachments)
    frames.push_back(binary_frame(bytes));
  return frames;
}

} // namespace

std::vector<frame_ptr> encode_event(std::string_view nsp, std::string_view name,
                                    std::string_view args_json,
                                    const std::vector<std::string>& attachments,
                                    std::optional<ack_id> id, message_span about) {
  frame_builder builder{head_room + nsp.size() + name.size() + args_json.size()};
  auto& out = builder.out();
  append_head(out, attachments.empty() ? '2' : '5', nsp, attachments.size());
  if (id) append_number(out, *id);
  out += '[';
  json::append_string(out, name);
  if (!args_json.empty()) {
    out += ',';
    out += args_json;
  }
  out += ']';
  return finish(std::move(builder), attachments, std::move(about));
}

std::vector<frame_ptr> encode_ack(std::string_view nsp, ack_id id, std::string_view args_json,
                                  const std::vector<std::string>& attachments) {
  frame_builder builder{head_room + nsp.size() + args_json.size()};
  auto& out = builder.out();
  append_head(out, attachments.empty() ? '3' : '6', nsp, attachments.size());
  append_number(out, id);
  out += '[';
  out += args_json;
  out += ']';
  return finish(std::move(builder), attachments);
}

ack_writer::ack_writer(std::string_view nsp, ack_id id, std::size_t reserve)
    : builder_(head_room + nsp.size() + reserve) {
  auto& out = builder_.out();
  append_head(out, '3', nsp);
  append_number(out, id);
  out += '[';
}

frame_ptr ack_writer::finish() && {
  builder_.out() += ']';
  return std::move(builder_).finish();
}

frame_ptr encode_connect(std::string_view nsp, std::string_view sid, std::string_view pid) {
  frame_builder builder{head_room + nsp.size() + sid.size() + pid.size()};
  auto& out = builder.out();
  append_head(out, '0', nsp);
  json::writer json{out};
  json.begin_object().field("sid", sid);
  if (!pid.empty()) json.field("pid", pid);
  json.end_object();
  return std::move(builder).finish();
}

frame_ptr encode_connect_error(std::string_view nsp, std::string_view data_json) {
  frame_builder builder{head_room + nsp.size() + data_json.size()};
  append_head(builder.out(), '4', nsp);
  builder.out() += data_json;
  return std::move(builder).finish();
}

frame_ptr encode_disconnect(std::string_view nsp) {
  frame_builder builder{head_room + nsp.size()};
  append_head(builder.out(), '1', nsp);
  return std::move(builder).finish();
}

} // namespace hubbub
