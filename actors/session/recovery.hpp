#pragma once

#include "actors/crypto/recovery_seal.hpp"
#include "actors/interfaces.hpp"
#include "actors/session/unsaved_sessions.hpp"
#include "actors/settings.hpp"
#include "actors/store/store_actors.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// The actor that recovers earlier sessions for clients (docs/api.md, "Recovery"). It knows
/// which recoverable sessions are alive, so that a reclaim first ends the one that still looks
/// alive. It reads everything else from the store, so that it works across a restart.
class recovery : public recovery_actor::base {
 public:
  recovery(caf::actor_config& config, writer_actor writer, reader_actor reader,
           directory_actor directory, const recovery_secret& secret, chat_settings settings,
           wall_clock clock = wall_clock_now,
           refusal_counter_ptr refusals = std::make_shared<refusal_counter>());

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  struct reclaim {
    reclaim_session asked;
    recovery_identity identity;
    caf::typed_response_promise<reclaim_outcome> answer;
    recovered_session found;
    missed_rooms missed;        ///< the answer if the reclaim fails
    std::size_t rooms = 0;      ///< number of rooms that it should get back
    std::size_t unresolved = 0; ///< rooms that the directory was asked for
    bool store_failed = false;  ///< when a room was looked up
    bool has_left = false;      ///< the client that reclaims the session, meanwhile
    /// Until when a store that fails is asked again.
    std::chrono::steady_clock::time_point give_up_at{};
    /// After this the session is not recovered any more, since the client's session goes on
    /// without an answer soon.
    std::chrono::steady_clock::time_point deadline{};
    /// How often other nodes and this one have claimed the session; nothing in a store that
    /// nobody else writes.
    std::optional<std::int64_t> claims = std::nullopt;
    /// The same when this node last claimed it in vain; nothing once it is known why.
    std::optional<std::int64_t> claimed_at = std::nullopt;
    /// True if it was claimed for this client. A claim that seems to have failed may have been
    /// stored, or will be.
    bool may_be_ours = false;
  };
  using reclaim_ptr = std::shared_ptr<reclaim>;
  /// One session. Reclaims for it are served one after the other.
  struct record {
    session_actor alive; ///< may be empty
    bool ending = false; ///< it was told to end, or its end is being stored
    bool serving = false;
    std::uint64_t resumed = 0; ///< number of its latest recovery, among all of this actor
    std::int64_t claims = 0;   ///< how often it was claimed, by other nodes too, when it began
    std::deque<reclaim_ptr> reclaims;
  };

  void watch(const session_actor& session);
  [[nodiscard]] caf::result<reclaim_outcome> on_reclaim(reclaim_session& asked);
  void on_started(const session_started& started);
  void on_ended(const session_ended& ended);
  void on_taken(const sessions_taken& news);
  template <class Op>
  void store(const Op& what, const std::function<void(bool)>& then);
  void end(const op::end_recoverable& end);
  void on_end_stored(recovery_id session);
  void tell_later();
  void tell_again();
  void on_down(const caf::actor_addr& address);
  /// Serves the first reclaim, if there is one and nothing prevents it.
  void serve(recovery_id session);
  void look_up(const reclaim_ptr& served);
  [[nodiscard]] bool look_again(const reclaim_ptr& served);
  [[nodiscard]] std::chrono::milliseconds patience(const reclaim& served) const;
  void on_found(const reclaim_ptr& served, const recoverable_outcome& outcome);
  [[nodiscard]] bool may_return(const reclaim& served, const recoverable_session& session);
  [[nodiscard]] static bool has_lost(const reclaim& served, const recoverable_session& session,
                                     const room_record& room);
  /// Where a session continues in a room.
  struct return_point {
    room_position after;
    std::optional<sequence> gap_from; ///< as in `room_return`
  };
  [[nodiscard]] static return_point where_from(const recoverable_session& session,
                                               const room_position& base,
                                               const std::vector<room_position>& seen);
  void ask_for_rooms(const reclaim_ptr& served, const std::vector<return_point>& rooms);
  void on_room(const reclaim_ptr& served, const return_point& point,
               const resolve_outcome& outcome);
  void count(recovery_outcome outcome);
  void finish(const reclaim_ptr& served, bool recovered);
  void claim(const reclaim_ptr& served);
  void settle(const reclaim_ptr& served, bool recovered);
  void store_resumed(const resume_session& now);
  void refuse(const reclaim_ptr& served);

  writer_actor writer_;
  reader_actor reader_;
  directory_actor directory_;
  recovery_seal seal_;
  chat_settings settings_;
  wall_clock clock_;
  refusal_counter_ptr refusals_; ///< the counter of this thread
  std::unordered_map<recovery_id, record> records_;
  std::size_t waiting_ = 0;   ///< reclaims in all records
  std::uint64_t resumed_ = 0; ///< number of recoveries so far
  unsaved_sessions unsaved_;
};

} // namespace hubbub
