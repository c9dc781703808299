#include "bench/fan_out.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace hubbub::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Without any packet for so long, what is missing will not come.
constexpr milliseconds patience{20'000};
/// Longer than the interval at which a large room tells who came.
constexpr milliseconds quiet{1'500};
/// Clients that connect at the same time.
constexpr std::size_t connecting_at_once = 64;
constexpr std::size_t buffer_bytes = 256 * 1024;

/// What a client asks with which ack id; messages have the ids behind.
constexpr std::string_view join_id = "0";
constexpr std::string_view fence_id = "1";
constexpr std::size_t first_message_id = 2;

constexpr std::string_view new_message = R"(2["new_message",)";
constexpr char answer_type = '3';

nanoseconds now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

std::string room_name(std::size_t room) {
  return "bench-" + std::to_string(room);
}

/// The text behind `key` in JSON that is known to be compact; empty if it is not there.
std::string_view behind(std::string_view json, std::string_view key) {
  const auto at = json.find(key);
  return at == std::string_view::npos ? std::string_view{} : json.substr(at + key.size());
}

/// Takes a number and the one byte behind it off the front of `text`.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data() + text.size()) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

/// A content tells what it is and when it was sent.
std::string make_content(const message_key& key, std::size_t bytes) {
  auto content = std::to_string(key.sender) + ' ' + std::to_string(key.number) + ' ' +
                 std::to_string(now().count()) + ' ';
  if (content.size() < bytes) content.resize(bytes, '.');
  return content;
}

struct seen_message {
  std::int64_t seq = 0;
  message_key key;
  nanoseconds sent_at{};
};

std::optional<seen_message> read_message(std::string_view json) {
  auto seq_text = behind(json, R"("seq":)");
  const auto seq = take_number(seq_text);
  auto content = behind(seq_text, R"("content":")");
  const auto sender = take_number(content);
  const auto number = take_number(content);
  const auto sent_at = take_number(content);
  if (!seq || !sender || !number || !sent_at) return {};
  return seen_message{*seq,
                      {static_cast<std::size_t>(*sender), static_cast<std::size_t>(*number)},
                      nanoseconds{*sent_at}};
}

} // namespace

fan_out::fan_out(const fan_out_options& options)
    : options_(options), epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(buffer_bytes),
      rooms_(options.rooms) {
  for (std::size_t i = 0; i < options_.clients; ++i)
    members_.emplace_back(i, *this);
  for (std::size_t i = 0; i < options_.messages; ++i) {
    const auto sender = i % options_.senders;
    ++members_[sender].quota;
    ++rooms_[room_of(sender)].messages;
  }
}

expected<void, std::string> fan_out::connect(std::uint16_t port) {
  port_ = port;
  for (std::size_t i = 0; i < connecting_at_once; ++i)
    connect_next();
  return run_until_all(ready_);
}

expected<void, std::string> fan_out::join() {
  for (auto& member : members_) {
    const auto room = room_name(room_of(member.client.number()));
    member.client.send("2" + std::string{join_id} + R"(["join_room",{"room":")" + room +
                       R"(","history":0}])");
    member.client.flush();
  }
  auto done = run_until_all(joined_);
  return done ? run_until_quiet() : done;
}

expected<void, std::string> fan_out::send() {
  for (auto& member : members_) {
    if (rooms_[room_of(member.client.number())].messages == 0) ++complete_;
    for (std::size_t i = 0; i < options_.window; ++i)
      send_next(member);
    member.client.flush();
  }
  return run_until_all(complete_);
}

expected<void, std::string> fan_out::fence() {
  // A room says everything to one client in order, so its answer comes last.
  for (auto& member : members_) {
    const auto room = room_name(room_of(member.client.number()));
    member.client.send("2" + std::string{fence_id} + R"(["get_members",{"room":")" + room +
                       R"(","limit":1}])");
    member.client.flush();
  }
  return run_until_all(fenced_);
}

void fan_out::connect_next() {
  if (connecting_ < members_.size())
    members_[connecting_++].client.connect(epoll_.number(), port_);
}

void fan_out::send_next(member_state& member) {
  if (member.sent == member.quota) return;
  const auto sender = member.client.number();
  const message_key key{sender, member.sent++};
  member.client.send("2" + std::to_string(first_message_id + key.number) +
                     R"(["send_message",{"room":")" + room_name(room_of(sender)) +
                     R"(","content":")" + make_content(key, options_.content) + R"("}])");
}

void fan_out::on_ready(chat_client& /*client*/) {
  ++heard_;
  ++ready_;
  connect_next();
}

void fan_out::on_lost(chat_client& client, std::string why) {
  fail(members_[client.number()], why);
}

void fan_out::on_packet(chat_client& client, std::string_view packet) {
  ++heard_;
  auto& member = members_[client.number()];
  if (packet.starts_with(new_message))
    on_message(member, packet.substr(new_message.size()));
  else if (packet.starts_with(answer_type))
    on_answer(member, packet.substr(1));
}

void fan_out::on_message(member_state& member, std::string_view json) {
  const auto message = read_message(json);
  auto& room = rooms_[room_of(member.client.number())];
  if (!message) return fail(member, "got a message that nobody sent");
  if (message->seq != member.last_seq + 1)
    return fail(member, "got message " + std::to_string(message->seq) + " behind " +
                            std::to_string(member.last_seq));
  if (!room.log.see(message->seq, message->key))
    return fail(member, "found another message at seq " + std::to_string(message->seq) +
                            " than others");
  member.last_seq = message->seq;
  ++deliveries_;
  latencies_.add(now() - message->sent_at);
  if (message->seq == room.messages) ++complete_;
}

void fan_out::on_answer(member_state& member, std::string_view packet) {
  const auto id = packet.substr(0, packet.find('['));
  const auto json = packet.substr(id.size());
  if (!json.starts_with(R"([{"ok":true)"))
    return fail(member, "was told " + std::string{json.substr(0, 200)});
  if (id == join_id) {
    ++joined_;
  } else if (id == fence_id) {
    ++fenced_;
  } else {
    on_message(member, json); // the ack is the sender's copy
    send_next(member);
  }
}

void fan_out::fail(const member_state& member, std::string_view why) {
  if (failure_.empty())
    failure_ = "user-" + std::to_string(member.client.number()) + " " + std::string{why};
}

expected<void, std::string> fan_out::run_until_all(const std::size_t& count) {
  auto heard = heard_;
  auto heard_at = now();
  while (failure_.empty() && count < members_.size()) {
    turn(patience);
    if (heard_ != heard)
      heard_at = now();
    else if (now() - heard_at >= patience)
      failure_ = "the server has fallen silent: " + std::to_string(members_.size() - count) +
                 " clients still wait";
    heard = heard_;
  }
  if (!failure_.empty()) return unexpected(failure_);
  return {};
}

expected<void, std::string> fan_out::run_until_quiet() {
  auto heard = heard_;
  auto heard_at = now();
  while (failure_.empty() && now() - heard_at < quiet) {
    turn(quiet);
    if (heard_ != heard) heard_at = now();
    heard = heard_;
  }
  if (!failure_.empty()) return unexpected(failure_);
  return {};
}

void fan_out::turn(milliseconds wait) {
  std::array<epoll_event, 256> events{};
  const auto count =
      ::epoll_wait(epoll_.number(), events.data(), static_cast<int>(events.size()),
                   static_cast<int>(wait.count()));
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    static_cast<chat_client*>(event.data.ptr)->on_events(event.events, buffer_);
  }
}

} // namespace hubbub::bench
