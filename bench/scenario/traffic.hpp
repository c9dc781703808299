#pragma once

#include "bench/client/chat_codec.hpp"
#include "bench/client/room_log.hpp"
#include "bench/histogram.hpp"
#include "bench/options.hpp"
#include "bench/scenario/crowd.hpp"
#include "bench/scenario/run.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace hubbub::bench {

/// The traffic in the rooms: some clients send, and all compare what they get with what was
/// sent and with what the others got.
class traffic final : public crowd_observer {
 public:
  explicit traffic(run& of);

  /// Starts the senders: each with a full window, or all together at a rate.
  void begin();
  /// Stops sending.
  void stop() { sending_ = false; }
  /// Has the first sender of each room send one message, whatever the window.
  void send_round();
  /// Waits until `options::messages` messages were sent, if that is set, and until all
  /// that was sent is confirmed and has arrived.
  void await_end();
  /// Waits like `await_end`, and counts what is still missing at the end as lost.
  void finish();

  /// Allows this client to miss messages from now on, as long as they come in order.
  void excuse(std::size_t client);
  /// Returns the last seq that a client has seen.
  [[nodiscard]] std::int64_t last_seq(std::size_t client) const { return members_[client].seq; }
  /// Takes the messages that a join returned because the client had been away.
  [[nodiscard]] std::uint64_t caught_up() const { return caught_up_; }
  [[nodiscard]] std::uint64_t lacking() const { return lacking_; }
  /// Allows clients to miss messages that were sent while they were away.
  void forgive_absence() { forgiving_ = true; }

  /// Returns the delivery latencies, from the time at which each message was due.
  [[nodiscard]] const histogram& latencies() const { return latencies_; }
  /// Returns the confirmation latencies, from the time at which each message was due.
  [[nodiscard]] const histogram& confirmations() const { return confirmations_; }
  /// Returns how long after its sender's ack a message reached the last member of its room, in
  /// a run at a rate; 0 if it was there before.
  [[nodiscard]] const histogram& last_members() const { return last_members_; }
  /// Returns how late the driver sent, in a run at a rate.
  [[nodiscard]] const histogram& lateness() const { return lateness_; }
  void forget_latencies();

  /// Returns the messages of a room in the order in which its members saw them.
  [[nodiscard]] const room_log& log_of(std::size_t number) const { return rooms_[number].log; }

 private:
  struct member_state {
    room_log::reader reader;
    /// The log of a member that does not get its own messages in order, and so cannot be
    /// compared with others.
    std::unique_ptr<room_log> alone;
    std::int64_t seq = 0;
    bool excused = false;
  };
  struct room_state {
    room_log log;
    std::uint32_t members = 0; ///< members that must get each message
    std::uint64_t sent = 0;    ///< messages sent and not refused
  };
  struct sender_state {
    std::vector<moment> sent_at;      ///< by number: when each message was due
    std::vector<bool> acked;          ///< by number
    std::vector<std::uint32_t> heard; ///< by number: how many have it; unless nobody asks
    std::vector<moment> acked_at;     ///< by number; only where `heard` is counted for messages
  };

  void on_joined(client& who, std::string_view ack) override;
  void on_text(client& who, std::string_view packet) override;

  void on_message(client& who, std::string_view json);
  void on_typing(client& who, std::string_view json);
  void on_ack(client& who, const received_ack& ack);
  /// Notes that a member got a message; true if for the first time.
  bool see(std::size_t client, message_key key);
  void count_delivery(const member_state& to);
  /// Counts who has a message, up to the last of its room.
  void count_heard(message_key key);
  void on_confirmed(message_key key);

  /// True once `options::messages` messages were sent.
  [[nodiscard]] bool is_exhausted() const;
  [[nodiscard]] bool is_settled() const { return outstanding_ == 0 && unconfirmed_ == 0; }
  void send_next(std::size_t sender, moment due);
  void send_due();
  [[nodiscard]] bool was_sent(message_key key) const;
  [[nodiscard]] std::size_t room_of(std::size_t client) const { return room_of_[client]; }
  /// Returns how many messages of its room a client has not got.
  [[nodiscard]] std::uint64_t lacks(std::size_t client) const;
  [[nodiscard]] std::uint32_t copies(std::size_t number) const;
  [[nodiscard]] std::uint32_t& typed(std::size_t client, std::size_t sender);
  void judge();

  run* run_;
  crowd* crowd_;
  chat_writer writer_;
  chat_reader reader_;
  bool types_;
  bool counts_last_; ///< true if it is told when the last member has a message
  confirmation confirm_;
  bool sending_ = false;
  bool forgiving_ = false;
  bool awaited_ = false; ///< true once the end was waited for
  bool needs_seq_;
  std::vector<member_state> members_;
  std::vector<std::size_t> room_of_; ///< by client
  std::vector<room_state> rooms_;
  std::vector<sender_state> senders_;
  std::vector<std::uint32_t> typed_; ///< typing events got, by client and sender of its room
  std::size_t room_senders_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t unconfirmed_ = 0;
  std::uint64_t outstanding_ = 0; ///< deliveries that are still expected
  std::uint64_t caught_up_ = 0;
  std::uint64_t lacking_ = 0;
  moment next_due_{};
  std::chrono::nanoseconds pause_{}; ///< time between two messages at a rate
  std::size_t next_sender_ = 0;
  histogram latencies_;
  histogram confirmations_;
  histogram last_members_;
  histogram lateness_;
};

} // namespace hubbub::bench
