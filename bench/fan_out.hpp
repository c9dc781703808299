#pragma once

#include "bench/chat_client.hpp"
#include "bench/file_descriptor.hpp"
#include "bench/latency_histogram.hpp"
#include "bench/room_log.hpp"
#include "proto/expected.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::bench {

struct fan_out_options {
  std::size_t clients = 1'000;
  std::size_t rooms = 1;         ///< client i is in room i % rooms
  std::size_t senders = 10;      ///< the first so many clients
  std::size_t window = 2;        ///< messages one sender has under way, not acked
  std::size_t messages = 10'000; ///< of all senders together
  std::size_t content = 150;     ///< bytes of one message's content
};

/// The load: clients in rooms, of whom some send in a closed loop, and all of whom check what
/// they get. Each step returns when it is done; its error says what went wrong first.
class fan_out final : client_owner {
 public:
  explicit fan_out(const fan_out_options& options);

  [[nodiscard]] expected<void, std::string> connect(std::uint16_t port);
  /// Joins all rooms and waits until the server has nothing more to say about that.
  [[nodiscard]] expected<void, std::string> join();
  /// Sends everything; done when every member of every room got every message.
  [[nodiscard]] expected<void, std::string> send();
  /// Hears everything that the rooms still have to say: none of it may be a message.
  [[nodiscard]] expected<void, std::string> fence();

  /// Copies of messages that reached a member, as events or (the sender's) as acks.
  [[nodiscard]] std::uint64_t deliveries() const { return deliveries_; }
  /// From the moment a message was sent to each of its deliveries.
  [[nodiscard]] const latency_histogram& latencies() const { return latencies_; }

 private:
  struct member_state {
    member_state(std::size_t number, fan_out& owner) : client(number, owner) {}
    chat_client client;
    std::int64_t last_seq = 0;
    std::size_t sent = 0;
    std::size_t quota = 0; ///< messages to send
  };
  struct room_state {
    room_log log;
    std::int64_t messages = 0; ///< how many there will be
  };

  void on_ready(chat_client& client) override;
  void on_packet(chat_client& client, std::string_view packet) override;
  void on_lost(chat_client& client, std::string why) override;

  void on_message(member_state& member, std::string_view json);
  void on_answer(member_state& member, std::string_view packet);
  void connect_next();
  void send_next(member_state& member);
  void fail(const member_state& member, std::string_view why);
  [[nodiscard]] std::size_t room_of(std::size_t client) const {
    return client % options_.rooms;
  }

  /// Turns the loop until `count`, which the events raise, is the number of clients.
  [[nodiscard]] expected<void, std::string> run_until_all(const std::size_t& count);
  /// Turns the loop until nothing was said for a while.
  [[nodiscard]] expected<void, std::string> run_until_quiet();
  void turn(std::chrono::milliseconds wait);

  fan_out_options options_;
  file_descriptor epoll_;
  std::uint16_t port_ = 0;
  std::vector<char> buffer_;
  std::deque<member_state> members_;
  std::vector<room_state> rooms_;
  std::size_t connecting_ = 0; ///< clients that have begun to
  std::size_t ready_ = 0;
  std::size_t joined_ = 0;
  std::size_t fenced_ = 0;
  std::size_t complete_ = 0; ///< clients that have every message of their room
  std::uint64_t heard_ = 0;  ///< what the server said, heartbeats left out
  std::uint64_t deliveries_ = 0;
  latency_histogram latencies_;
  std::string failure_;
};

} // namespace hubbub::bench
