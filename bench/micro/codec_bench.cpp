// The cost of the codecs: each benchmark is one step on a message's way through the server.
#include "persistence/search/tokenizer.hpp"
#include "proto/bus/bus_message.hpp"
#include "proto/chat/chat_command.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/engine/engine_packet.hpp"
#include "proto/json/base64.hpp"
#include "proto/json/hidden_text.hpp"
#include "proto/json/text.hpp"
#include "proto/json/whole_number.hpp"
#include "proto/socket/socket_packet.hpp"
#include "proto/trace/trace_record.hpp"
#include "proto/websocket/websocket_decoder.hpp"

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {
namespace {

// 150 bytes: a chat message of some length, in a script that mixes one- and two-byte
// characters.
constexpr std::string_view content =
    "Der Zug fährt um 18:40 von Gleis 7; wer noch Brötchen für die Fahrt möchte, sagt es bis "
    "heute Mittag. Sonst essen wir im Speisewagen, sofern er öffnet!";

constexpr std::size_t joined_members = 200; // as many as a join ack holds
constexpr std::size_t polled_packets = 16;  // as many as a client takes at once

message sample_message(std::int64_t number) {
  return {message_id{100'000 + number},
          room_id{42},
          sequence{number},
          revision{number},
          "user-17",
          "user-17",
          std::string{content},
          {},
          timestamp{1'769'903'999'123 + number}};
}

std::string sample_packet() {
  std::string text = R"(4217["send_message",{"room":"general","content":)";
  json::append_string(text, content);
  return text + "}]";
}

std::string sample_payload() {
  std::string body;
  for (std::size_t i = 0; i < polled_packets; ++i) {
    if (i > 0) body += record_separator;
    body += sample_packet();
  }
  return body;
}

void count_bytes(benchmark::State& state, std::size_t bytes_a_round) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes_a_round) * state.iterations());
}

/// Measures the way from the text of a WebSocket message to the command that a room gets.
void decode_send_message(benchmark::State& state) {
  const auto text = sample_packet();
  const socket_limits wire_limits;
  const chat_limits limits;
  socket_decoder decoder{wire_limits};
  for (auto _ : state) {
    auto packet = decode_engine_text(text);
    auto decoded = decoder.feed(std::move(packet->data), false);
    const auto& event = std::get<event_packet>(**decoded);
    auto command = parse_command(event.name(), event.data.root().at(1), limits);
    if (!command) return state.SkipWithError("the packet was refused");
    benchmark::DoNotOptimize(command);
  }
  count_bytes(state, text.size());
}
BENCHMARK(decode_send_message);

/// Unmasks and checks a client's frame with a text of 200 bytes.
void decode_frame(benchmark::State& state) {
  const std::string frame =
      "\x81\xfe" + std::string{'\0', '\xc8'} + std::string(4, '\0') + std::string(200, 'x');
  websocket_decoder decoder{{}};
  for (auto _ : state) {
    std::string_view bytes{frame};
    auto fed = decoder.feed(bytes);
    if (!fed || !*fed) return state.SkipWithError("the frame was refused");
    benchmark::DoNotOptimize(fed);
  }
  count_bytes(state, frame.size());
}
BENCHMARK(decode_frame);

/// Splits the body of a POST with several messages into packets.
void decode_payload_of_16(benchmark::State& state) {
  const auto body = sample_payload();
  for (auto _ : state) {
    auto packets = decode_engine_payload(body);
    if (packets->size() != polled_packets) return state.SkipWithError("packets are missing");
    benchmark::DoNotOptimize(packets);
  }
  count_bytes(state, body.size());
}
BENCHMARK(decode_payload_of_16);

/// Encodes what a room encodes once for a stored message, however many members it has.
void encode_new_message(benchmark::State& state) {
  const auto stored = sample_message(7);
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto frame = event::new_message(message_json(stored, "general"));
    bytes = frame->wire_size();
    benchmark::DoNotOptimize(frame);
  }
  count_bytes(state, bytes);
}
BENCHMARK(encode_new_message);

/// Encodes an entry of a room's log for other servers, and decodes it again.
void bus_round_trip(benchmark::State& state) {
  const auto stored = sample_message(7);
  const std::vector<const message*> entries{&stored};
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto text = encode_bus_log({3, 77}, entries);
    auto read = decode_bus_message(text);
    benchmark::DoNotOptimize(read);
    bytes = text.size();
  }
  count_bytes(state, bytes);
}
BENCHMARK(bus_round_trip);

/// Encodes the sender's copy, around JSON that exists already.
void encode_message_ack(benchmark::State& state) {
  const auto json = message_json(sample_message(7), "general");
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto frame = message_ack(17, json);
    bytes = frame->wire_size();
    benchmark::DoNotOptimize(frame);
  }
  count_bytes(state, bytes);
}
BENCHMARK(encode_message_ack);

void encode_ok_ack(benchmark::State& state) {
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto frame = ok_ack(17);
    bytes = frame->wire_size();
    benchmark::DoNotOptimize(frame);
  }
  count_bytes(state, bytes);
}
BENCHMARK(encode_ok_ack);

void encode_error_ack(benchmark::State& state) {
  const error refusal{error_code::not_a_member, "join the room before you send to it"};
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto frame = error_ack(17, refusal);
    bytes = frame->wire_size();
    benchmark::DoNotOptimize(frame);
  }
  count_bytes(state, bytes);
}
BENCHMARK(encode_error_ack);

/// Encodes the answer to a join of a large room: a full page of members and 50 messages, both
/// of which the room keeps as JSON.
void encode_join_ack_with_50_messages(benchmark::State& state) {
  std::vector<std::string> messages;
  for (std::int64_t i = 1; i <= default_history; ++i)
    messages.push_back(message_json(sample_message(i), "general"));
  std::string members;
  for (std::size_t i = 0; i < joined_members; ++i) {
    const auto name = "user-" + std::to_string(i);
    if (i > 0) members += ',';
    append_member(members, {name, name, 1});
  }
  std::size_t bytes = 0;
  for (auto _ : state) {
    const auto history = join_json(messages);
    const auto frame = join_ack(1, {.id = room_id{42},
                                    .room = "general",
                                    .last_seq = sequence{default_history},
                                    .members_json = members,
                                    .members_total = joined_members,
                                    .messages_json = history,
                                    .reading = {}});
    bytes = frame->wire_size();
    benchmark::DoNotOptimize(frame);
  }
  count_bytes(state, bytes);
}
BENCHMARK(encode_join_ack_with_50_messages);

std::string some_bytes(std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i)
    bytes += static_cast<char>(i * 131 % 256);
  return bytes;
}

void base64_encode(benchmark::State& state) {
  const auto bytes = some_bytes(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    std::string text;
    append_base64(text, bytes);
    benchmark::DoNotOptimize(text);
  }
  count_bytes(state, bytes.size());
}
BENCHMARK(base64_encode)->Arg(64)->Arg(16'384);

/// Decodes base64; the rate counts decoded bytes.
void base64_decode(benchmark::State& state) {
  const auto bytes = some_bytes(static_cast<std::size_t>(state.range(0)));
  std::string text;
  append_base64(text, bytes);
  for (auto _ : state) {
    auto decoded = decode_base64(text);
    if (!decoded) return state.SkipWithError("the text was refused");
    benchmark::DoNotOptimize(decoded);
  }
  count_bytes(state, bytes.size());
}
BENCHMARK(base64_decode)->Arg(64)->Arg(16'384);

void utf8_check(benchmark::State& state, std::string_view pattern) {
  std::string text;
  while (text.size() < static_cast<std::size_t>(state.range(0)))
    text += pattern;
  for (auto _ : state) {
    benchmark::DoNotOptimize(text.data());
    if (!valid_utf8(text)) return state.SkipWithError("the text was refused");
  }
  count_bytes(state, text.size());
}
BENCHMARK_CAPTURE(utf8_check, ascii, "plain text, as most of it is. ")->Arg(150)->Arg(16'384);
BENCHMARK_CAPTURE(utf8_check, german, content)->Arg(150)->Arg(16'384);
BENCHMARK_CAPTURE(utf8_check, japanese, "次の電車は何時ですか。")->Arg(150)->Arg(16'384);

void whole_number(benchmark::State& state, std::string_view text) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(text);
    auto number = parse_integral(text);
    if (!number) return state.SkipWithError("the number was refused");
    benchmark::DoNotOptimize(number);
  }
}
BENCHMARK_CAPTURE(whole_number, digits, "605");
BENCHMARK_CAPTURE(whole_number, fraction, "605.0");
BENCHMARK_CAPTURE(whole_number, exponent, "6.05e2");

void hidden_check(benchmark::State& state, std::string_view name) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(name);
    if (has_hidden(name)) return state.SkipWithError("the name was refused");
  }
}
BENCHMARK_CAPTURE(hidden_check, ascii, "Mira Lindqvist");
BENCHMARK_CAPTURE(hidden_check, persian, "علی\u200cرضا");

/// Writes a record of the flight recorder, which each message costs, and reads it.
void trace_step(benchmark::State& state) {
  std::array<char, trace_record_size> place{};
  std::uint64_t ordinal = 0;
  for (auto _ : state) {
    ++ordinal;
    encode_trace({.kind = trace_kind::message,
                  .user = trace_key("user-17"),
                  .room = trace_key("general"),
                  .seq = static_cast<std::int64_t>(ordinal),
                  .number = joined_members},
                 ordinal, place);
    auto found = decode_trace(place);
    if (!found) return state.SkipWithError("the record was refused");
    benchmark::DoNotOptimize(found);
  }
}
BENCHMARK(trace_step);

class token_counter final : public token_sink {
 public:
  bool take(const token& each) override {
    bytes += each.text.size();
    return true;
  }
  std::size_t bytes = 0;
};

/// Cuts a message into words, as the search does.
void tokenize(benchmark::State& state, std::string_view pattern) {
  std::string text;
  while (text.size() < static_cast<std::size_t>(state.range(0)))
    text += pattern;
  tokenizer words;
  for (auto _ : state) {
    token_counter found;
    words.run(text, tokenizer::mode::document, found);
    benchmark::DoNotOptimize(found.bytes);
  }
  count_bytes(state, text.size());
}
BENCHMARK_CAPTURE(tokenize, ascii, "plain text, as most of it is. ")->Arg(150)->Arg(16'384);
BENCHMARK_CAPTURE(tokenize, german, content)->Arg(150)->Arg(16'384);
BENCHMARK_CAPTURE(tokenize, russian, "Поезд отходит в шесть часов, ёлка нарядная. ")->Arg(150);
BENCHMARK_CAPTURE(tokenize, hindi, "दिन और रात का समय बराबर है। ")->Arg(150);
BENCHMARK_CAPTURE(tokenize, japanese, "次の電車は何時ですか。")->Arg(150)->Arg(16'384);
BENCHMARK_CAPTURE(tokenize, emoji, "👍🏽 🎉🎉 👨‍👩‍👧 ")->Arg(150);

} // namespace
} // namespace hubbub

BENCHMARK_MAIN();
