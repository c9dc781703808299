#pragma once

#include "actors/interfaces.hpp"
#include "actors/room/member_table.hpp"
#include "actors/room/presence_changes.hpp"
#include "actors/room/recent_changes.hpp"
#include "actors/room/recent_messages.hpp"
#include "actors/room/relay_outbox.hpp"
#include "actors/room/session_lanes.hpp"
#include "actors/room/standing_table.hpp"
#include "actors/room/typing_table.hpp"
#include "actors/settings.hpp"
#include "actors/store/store_actors.hpp"
#include "proto/access/policy.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/chat/moderation_event.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace hubbub {

/// What all rooms of a server share.
struct room_setup {
  std::vector<relay_actor> relays; ///< by io thread
  std::vector<write_gate_actor>
      gates;           ///< by io thread; a room's is at its id modulo their number
  writer_actor writer; ///< to be watched: all writes go through the gates
  std::vector<reader_actor> readers;
  reader_actor searcher;
  directory_actor directory;
  chat_settings settings;
  wall_clock now = wall_clock_now;
  refusal_books refusals = {}; ///< by io thread
};
using room_setup_ptr = std::shared_ptr<const room_setup>;

/// The actor of one room: it owns the members and the order. It asks the writer to store each
/// message and fans it out only when that is done, in the order of the answers.
///
/// Requests of one session take effect in the order in which they were sent: one that comes
/// behind an append or a read that is still unanswered waits in the session's lane.
class room : public room_actor::base {
 public:
  room(caf::actor_config& config, room_setup_ptr setup, room_state state);

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  using time_point = caf::actor_clock::time_point;
  using outcome_handler = std::function<void(const write_outcome&)>;
  struct pending_write {
    std::optional<room_request> request;            ///< from a socket …
    caf::typed_response_promise<post_outcome> post; ///< … or over HTTP …
    outcome_handler handle = {};                    ///< … or of the room's own
  };
  using view_handler = std::function<void(room_request&, view_outcome&)>;
  struct pending_read {
    room_request request;
    room_query query;
    view_handler handle;
    revision since; ///< the room's when it was asked
    bool done = false;
  };
  /// A join that waits to be stored, with the history up to a message.
  struct stored_join {
    room_request request;
    room_view view;
    bool gap = false;
    room_position up_to;
  };
  /// Something of the log, and where who heard it stands.
  struct logged_event {
    frame_ptr what;
    room_position after;
    sequence about; ///< the message
  };
  /// A recovered session on its way in, and what the room said since its log was asked for: not
  /// more than a return may bring, else it gets a `gap`.
  struct returning {
    room_return request;
    room_position asked_at; ///< where the room stood then
    std::vector<logged_event> meanwhile;
    bool too_much = false; ///< not all of it was kept
  };

  /// What an owner or an admin wants, and where its answer goes.
  struct room_task {
    std::string by;
    std::optional<room_request> request;                ///< from a socket …
    caf::typed_response_promise<order_outcome> promise; ///< … or over HTTP
  };
  using task_ptr = std::shared_ptr<room_task>;

  // room.cpp: order within a session, life of the room
  void take(room_request request);
  template <class Notice>
  void take_notice(const Notice& notice);
  [[nodiscard]] bool is_crowded(const chat_command& command) const;
  void advance(session_id session);
  void run(room_request& request);
  void run(const room_departure& departure);
  void run(const room_renewal& renewal);
  void retire_if_idle();
  [[nodiscard]] bool idle() const;
  void on_tick();
  void tick_at(time_point when);

  // room_policy.cpp: what the policy says of this room
  [[nodiscard]] policy::room_standing standing_of(const std::string& user_id) const;
  [[nodiscard]] policy::verdict judge(const user& who, const chat_command& command) const;
  [[nodiscard]] members_outcome list(const list_members& query);

  // room_moderate.cpp
  template <class Moderation>
  void run(room_request& request, const Moderation& command) {
    const auto wanted = command; // the request moves into the task
    obey(task_of(request), wanted);
  }
  [[nodiscard]] static task_ptr task_of(room_request& request);
  [[nodiscard]] caf::result<order_outcome> carry_out(room_order& asked);
  void obey(const task_ptr& given, const configure_room& command);
  void obey(const task_ptr& given, const put_standing& command);
  void obey(const task_ptr& given, const lift_standing& command);
  void obey(const task_ptr& given, const kick_user& command);
  void obey(const task_ptr& given, const get_standings& command);
  void store_first(const task_ptr& given, write_op operation, const outcome_handler& then);
  void refuse(room_task& given, const error& why);
  void grant(room_task& given, std::string fields);
  void configure(const task_ptr& given, const configure_room& command);
  void on_configured(room_task& given, const room_record& now);
  void on_put(room_task& given, const standing& now);
  void on_lifted(room_task& given, const lift_standing& command);
  std::int64_t eject(const std::string& user_id, const kick_notice& why);
  void eject(const std::vector<session_id>& sessions, const kick_notice& why);
  void eject_strangers(const kick_notice& why);
  template <class Predicate>
  [[nodiscard]] std::vector<session_id> returning_if(const Predicate& holds) const;
  void turn_away(const std::vector<session_id>& returning, const kick_notice& why);
  void turn_away(session_id session, const user& who, const kick_notice& why);

  // room_publish.cpp
  void run(room_request& request, send_message& command);
  [[nodiscard]] caf::result<post_outcome> post(room_post& message);
  /// Why nothing can be written now, if so.
  [[nodiscard]] std::optional<error> refusal() const;
  void count(refused_by why) const;
  void write(write_op operation, room_request&& origin);
  [[nodiscard]] caf::result<post_outcome> write(write_op operation);
  void send_to_writer(write_op operation, pending_write origin);
  [[nodiscard]] const write_gate_actor& gate() const {
    return setup_->gates[static_cast<std::size_t>(id_.value) % setup_->gates.size()];
  }
  void on_written(write_results& results);
  void on_outcome(const appended& result, pending_write& origin);
  void on_outcome(store_error why, pending_write& origin);
  void on_outcome(const room_record&, pending_write&) {} // a room creates no rooms,
  void on_outcome(const noted&, pending_write&) {}       // and asks for nothing else
  void on_outcome(const room_position&, pending_write&) {}
  void on_outcome(const standing&, pending_write&) {} // of orders, which have handlers
  void on_outcome(const expelled&, pending_write&) {}
  void on_stored(const message& stored, pending_write& origin);
  void tell_message(const frame_ptr& event, const message& what, const std::string& json,
                    pending_write& origin);
  void answer_message(pending_write& origin, const std::string& json, bool repeated,
                      const std::optional<room_position>& at = std::nullopt);
  void on_writer_down();
  void settle(const pending_write& origin);
  void say_logged(const logged_event& event, const std::vector<session_id>& except);

  // room_edit.cpp
  void run(room_request& request, revise_message& command);
  void run(room_request& request, const retract_message& command);
  void change(room_request& request, write_op operation);
  [[nodiscard]] caf::result<post_outcome> change(room_change& request);
  void on_outcome(const changed& result, pending_write& origin);

  // room_read.cpp: what the log has, and how far users have read it
  void run(room_request& request, const get_messages& command);
  void run(room_request& request, const set_read& command);
  void on_outcome(const marked& result, pending_write& origin);
  void read(room_request request, const room_query& query, view_handler handle);
  [[nodiscard]] bool bring_up_to_date(json_page& page, revision since) const;
  [[nodiscard]] bool is_behind(revision rev) const;
  void once_told(session_id session, revision rev, std::function<void()> then);
  void go_on_with_told();
  void on_read(pending_read& asked, view_outcome& outcome);
  void give_up(pending_read& asked);
  void give_up_reads(time_point now);
  void on_page(const room_request& request, const view_outcome& outcome);
  void on_reading(const room_request& request, const view_outcome& outcome);
  [[nodiscard]] const reader_actor& next_reader();

  // room_search.cpp
  void run(room_request& request, const search_messages& command);
  void on_found(const room_request& request, const std::optional<search_outcome>& outcome);

  // room_join.cpp
  void run(room_request& request, const join_room& command);
  void run(room_request& request, const leave_room& command);
  void run(room_request& request, const get_members& command);
  [[nodiscard]] sequence newest(std::int64_t count) const;
  void join_after(room_request request, sequence after, bool gap);
  void on_history(room_request& request, view_outcome& outcome, const message_range& range,
                  bool gap);
  void complete_join(room_request request, room_view view, bool gap);
  void admit(const room_request& request, const room_view& view, bool gap);
  [[nodiscard]] bool add_member(session_id session, const user_ptr& who);
  void leave_now(const room_request& request);
  void remove(session_id session, leave_reason reason, frame_ptr answer, bool answers);

  // room_recover.cpp
  void store_join(room_request request, room_view view, bool gap);
  void forget_join(const room_request& request);
  void on_join_stored(stored_join& join, const write_outcome& outcome);
  void store_leave(room_request request);
  void refuse_leave(const room_request& request, const error& why);
  void forget_membership(recovery_id session);
  void store_left();
  [[nodiscard]] room_position position() const { return {id_, last_seq_, last_rev_}; }
  void write_and_hold(session_id session, write_op operation, outcome_handler handle);
  void take(room_return request);
  [[nodiscard]] bool may_still_return(session_id session, bool lost);
  void on_missed(session_id session, const missed_outcome& outcome);
  void replay(const returning& back, session_id session, const missed_page& missed);
  void tell_gap(session_id session, sequence from);

  // room_presence.cpp
  void run(room_request& request, const set_typing& command);
  void stop_typing(const std::string& user_id);
  void tell_typing(const presence_user& who, bool is_typing);
  void expire_typing(time_point now);
  void tell_joined(const user& who, session_id session);
  void tell_left(const user& who, leave_reason reason);
  [[nodiscard]] bool presence_is_coalesced() const;
  void note_presence(const user& who, bool joined);
  void tell_presence();
  [[nodiscard]] members_page show_members(const std::optional<std::string>& after,
                                          std::int64_t limit);
  void tell_directory();

  // What the room said during one turn goes to the relays at its end.
  void flush();

  room_setup_ptr setup_;
  room_id id_;
  std::string name_;
  std::optional<std::string> owner_;
  bool is_private_ = false;
  standing_table standings_;
  sequence last_seq_; ///< the last message that was fanned out
  revision last_rev_; ///< the last change that was: a message, an edit, a deletion
  member_table members_;
  recent_messages recent_;
  recent_changes changes_;
  session_lanes lanes_;
  std::deque<pending_write> writes_; ///< sent to the writer, in order
  bool writer_down_ = false;
  std::deque<std::pair<time_point, std::shared_ptr<pending_read>>> reads_; ///< and when each
                                                                           ///< takes too long
  /// What was read ahead of the room, until it has told of it.
  struct read_ahead {
    session_id session;
    revision rev;
    std::function<void()> then;
  };
  std::vector<read_ahead> ahead_;
  std::size_t next_reader_ = 0;
  std::size_t searches_ = 0; ///< asked, not answered
  std::unordered_map<session_id, returning> returning_;
  /// Sessions that are not here, although the store may still list them: it is told until it
  /// has taken note.
  std::set<recovery_id> left_;
  std::size_t leaves_stored_ = 0; ///< of these, on the way to the store

  typing_table typing_;
  presence_changes presence_; ///< not told yet

  std::int64_t leases_ = 0; ///< held now
  std::uint64_t leases_ever_ = 0;
  std::optional<time_point> retire_at_;
  bool retiring_ = false; ///< the directory has been asked
  std::optional<time_point> tick_at_;

  relay_outbox outbox_;
  room_label_ptr label_; ///< on its messages, for the queues of slow readers
};

/// The sentence and code for a failed store operation.
[[nodiscard]] error to_error(store_error why);
/// What a client hears whose search nobody has time for.
[[nodiscard]] const error& search_overload();

} // namespace hubbub
