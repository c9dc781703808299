#pragma once

#include "bench/client/chat_codec.hpp"
#include "bench/client/client.hpp"
#include "bench/client/polling_client.hpp"
#include "bench/histogram.hpp"
#include "bench/options.hpp"
#include "bench/report/meter.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::bench {

/// The ack ids that the crowd uses itself; others use higher ones.
inline constexpr std::uint64_t join_ack = 1;
inline constexpr std::uint64_t leave_ack = 2;
inline constexpr std::uint64_t first_free_ack = 3;

/// The interface of the code that handles what the crowd does not handle itself.
class crowd_observer {
 public:
  virtual void on_connected(client& /*who*/) {}
  /// Says that a client has joined; `ack` is the argument of the ack, empty if the dialect has
  /// another reply.
  virtual void on_joined(client& /*who*/, std::string_view /*ack*/) {}
  virtual void on_left(client& /*who*/) {}
  virtual void on_goodbye(client& /*who*/) {}
  /// Hands over a packet that answers neither a join nor a leave.
  virtual void on_text(client& /*who*/, std::string_view /*packet*/) {}

 protected:
  ~crowd_observer() = default;
};

/// The clients of a run: connects them, a few at a time, has them join their rooms, and
/// counts what goes wrong.
class crowd final : client_owner {
 public:
  /// Makes the clients, each of the server that `asked` says; the servers outlive it.
  crowd(event_loop& loop, const std::vector<endpoint>& servers, const dialect& words,
        const options& asked, fault_log& faults, tally& counts);

  void observe(crowd_observer* observer) { observer_ = observer; }

  /// Connects a client once few enough others are connecting.
  void connect(std::size_t number);
  /// Connects a client and has it join its room.
  void connect_and_join(std::size_t number, std::optional<std::int64_t> since = {});
  void join(std::size_t number, std::optional<std::int64_t> since = {});
  void leave(std::size_t number);
  void drop(std::size_t number);
  /// Allows this client's connection to be closed from now on.
  void let_go(std::size_t number) { members_[number].may_close = true; }

  /// Sets how many handshakes may be under way at the same time.
  void allow_at_once(std::size_t count) { at_once_ = count; }

  /// Has all clients connect, or all join. False if that failed; the fault log then says why.
  bool connect_all();
  bool join_all();
  /// Waits until all clients that were told to join have joined; false if that failed.
  bool await_joined() { return await_all(joined_, "to join"); }
  /// Waits until the server has been quiet for a while: until it has told all joins, for
  /// example.
  void settle();
  /// Runs the loop until `done`. False, and a fault, if nothing happens for too long.
  bool await(const std::function<bool()>& done, const std::string& what);
  /// Runs the loop for a time, or until `done`.
  void turn_for(std::chrono::nanoseconds time, const std::function<bool()>& done = {});

  [[nodiscard]] client& at(std::size_t number) { return *members_[number].who; }
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] std::size_t connected() const { return connected_; }
  [[nodiscard]] std::size_t joined() const { return joined_; }
  [[nodiscard]] std::size_t let_go_and_closed() const { return closed_; }
  [[nodiscard]] bool is_joined(std::size_t number) const { return members_[number].joined; }
  [[nodiscard]] std::string room_of(std::size_t number) const {
    return room_name(asked_->room_of(number));
  }
  /// Returns the name of a room, which no other run uses.
  [[nodiscard]] std::string room_name(std::size_t room) const;

  /// Returns how long connecting took, from the first TCP packet to the namespace.
  [[nodiscard]] const histogram& connect_times() const { return connect_times_; }
  /// Returns how long joins took, from the namespace or the request to the answer.
  [[nodiscard]] const histogram& join_times() const { return join_times_; }
  void forget_times();

 private:
  struct member {
    std::unique_ptr<client> who;
    moment begun_at{};
    std::int64_t since = -1; ///< the `since` of the join that follows; -1: none
    bool connecting = false;
    bool connected = false;
    bool joins = false; ///< join once connected
    bool joined = false;
    bool may_close = false;
  };

  void on_ready(client& who) override;
  void on_packet(client& who, std::string_view packet) override;
  void on_goodbye(client& who) override;
  void on_lost(client& who, fault kind, std::string why) override;

  [[nodiscard]] bool await_all(const std::size_t& count, const std::string& what);
  void on_answer(member& of, const received_ack& ack);
  void on_joined(member& of, std::string_view ack);
  void on_left(member& of);
  void ask_to_join(member& of);
  void gone(member& of);
  void connect_waiting();

  event_loop* loop_;
  const dialect* words_;
  const options* asked_;
  fault_log* faults_;
  tally* counts_;
  client_setting setting_;
  chat_writer writer_;
  chat_reader reader_;
  std::string join_reply_; ///< how these events begin; empty: there is no such event
  std::string leave_reply_;
  std::string error_event_;
  std::vector<post_pool> posts_; ///< one for each server
  std::string room_prefix_;
  crowd_observer* observer_ = nullptr;
  std::vector<member> members_;
  std::deque<std::size_t> waiting_; ///< clients that wait to connect
  bool beginning_ = false;          ///< true while a client is being told to connect
  std::size_t at_once_;
  std::size_t connecting_ = 0;
  std::size_t connected_ = 0;
  std::size_t joined_ = 0;
  std::size_t closed_ = 0;
  std::uint64_t heard_ = 0; ///< packets received, without heartbeats
  histogram connect_times_;
  histogram join_times_;
};

} // namespace hubbub::bench
