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

/// The talk in the rooms: some clients send, and all compare what they hear with what was sent
/// and with what the others heard.
class traffic final : public crowd_listener {
 public:
  explicit traffic(run& of);

  /// The senders begin: each with a window full, or all together at a rate.
  void begin();
  /// Nothing new is sent.
  void stop() { sending_ = false; }
  /// The first sender of each room sends one message, whatever else there is.
  void send_round();
  /// Waits until all that `options::messages` wants was sent, if it wants any, and until all
  /// that was sent is confirmed and has arrived.
  void await_end();
  /// The same, and counts what is still missing then as lost.
  void finish();

  /// From now on it does not matter what this client gets, as long as it is in order.
  void excuse(std::size_t client);
  /// The last seq that a client has seen.
  [[nodiscard]] std::int64_t last_seq(std::size_t client) const { return members_[client].seq; }
  /// What a client was given by its join because it was away.
  [[nodiscard]] std::uint64_t caught_up() const { return caught_up_; }
  [[nodiscard]] std::uint64_t lacking() const { return lacking_; }
  /// Clients may miss what was sent while they were away.
  void forgive_absence() { forgiving_ = true; }

  /// From the moment a message was to be sent to each of its deliveries.
  [[nodiscard]] const histogram& latencies() const { return latencies_; }
  /// From there to its confirmation.
  [[nodiscard]] const histogram& confirmations() const { return confirmations_; }
  /// How late the driver itself was, where there is a rate.
  [[nodiscard]] const histogram& lateness() const { return lateness_; }
  void forget_latencies();

  /// The messages of a room, in the order that its members saw.
  [[nodiscard]] const room_log& log_of(std::size_t number) const { return rooms_[number].log; }

 private:
  struct member_state {
    room_log::reader reader;
    /// Who does not hear itself in order cannot be compared with others, and has a log of its
    /// own.
    std::unique_ptr<room_log> alone;
    std::int64_t seq = 0;
    bool excused = false;
  };
  struct room_state {
    room_log log;
    std::uint32_t members = 0; ///< who must get what is sent
    std::uint64_t sent = 0;    ///< and not refused
  };
  struct sender_state {
    std::vector<moment> sent_at;      ///< by number: when each was to be sent
    std::vector<bool> acked;          ///< by number
    std::vector<std::uint32_t> heard; ///< by number: who has it; for `delivery` alone
  };

  void on_joined(client& who, std::string_view ack) override;
  void on_text(client& who, std::string_view packet) override;

  void on_message(client& who, std::string_view json);
  void on_typing(client& who, std::string_view json);
  void on_ack(client& who, const received_ack& ack);
  /// A member has a message; true if it had not had it before.
  bool see(std::size_t client, message_key key);
  void count_delivery(const member_state& to);
  void on_confirmed(message_key key);

  /// All was sent that `options::messages` wants.
  [[nodiscard]] bool is_exhausted() const;
  [[nodiscard]] bool is_settled() const { return outstanding_ == 0 && unconfirmed_ == 0; }
  void send_next(std::size_t sender, moment due);
  void send_due();
  [[nodiscard]] bool was_sent(message_key key) const;
  [[nodiscard]] std::size_t room_of(std::size_t client) const { return client % rooms_.size(); }
  /// How many messages of its room a client has not had.
  [[nodiscard]] std::uint64_t lacks(std::size_t client) const;
  [[nodiscard]] std::uint32_t copies(std::size_t number) const;
  [[nodiscard]] std::uint32_t& typed(std::size_t client, std::size_t sender);
  void judge();

  run* run_;
  crowd* crowd_;
  chat_writer writer_;
  chat_reader reader_;
  bool types_;
  confirmation confirm_;
  bool sending_ = false;
  bool forgiving_ = false;
  bool awaited_ = false; ///< the end, once: who is silent then stays silent
  bool needs_seq_;
  std::vector<member_state> members_;
  std::vector<room_state> rooms_;
  std::vector<sender_state> senders_;
  std::vector<std::uint32_t> typed_; ///< events heard, by client and sender of its room
  std::size_t room_senders_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t unconfirmed_ = 0;
  std::uint64_t outstanding_ = 0; ///< deliveries that must come
  std::uint64_t caught_up_ = 0;
  std::uint64_t lacking_ = 0;
  moment next_due_{};
  std::chrono::nanoseconds pause_{}; ///< between two messages at a rate
  std::size_t next_sender_ = 0;
  histogram latencies_;
  histogram confirmations_;
  histogram lateness_;
};

} // namespace hubbub::bench
