#pragma once

#include "actors/limits/refusal_counter.hpp"
#include "actors/runtime/caf_compat.hpp"
#include "persistence/store.hpp"
#include "proto/access/access.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/expected.hpp"
#include "proto/model.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The actors around the store (the writer, its upkeep and the readers), and the messages to
/// them.
namespace hubbub {

/// Outcomes of a sink's writes, in the order in which they were sent. In front of those of a
/// room that other nodes have written to stands what they wrote, a `log_part`.
using write_results = std::vector<write_outcome>;
/// An actor that writes: it receives the outcome of every write exactly once, in order.
using write_sink = compat::typed_actor<caf::result<void>(write_results)>;
struct write_request {
  write_op operation;
  write_sink sink;
};
/// Operations in order, all with one sink.
struct write_batch {
  std::vector<write_op> operations;
  write_sink sink;
};
using room_outcome = expected<room_record, store_error>;
/// Tells the writer that a reader met damage.
struct store_damaged {};

/// Makes the writer commit what is queued; `at_once`: without letting more operations gather.
struct commit_queued {
  bool at_once = false;
};
/// Makes the writer remove some expired records.
struct purge_expired {};
/// Makes the writer take some of the log's tail into the search index: since it is long, or
/// since some time has passed.
struct index_due {
  bool timed = false;
};
/// Has the writer take some of the log's tail into the search index.
struct bring_search_up {};
struct ask_writer_stats {};
struct writer_stats {
  std::uint64_t appended = 0; ///< messages stored
  std::uint64_t repeated = 0; ///< repeats found by their client_id
  std::uint64_t edited = 0;
  std::uint64_t deleted = 0;
  std::uint64_t failed = 0;  ///< operations that the store refused or lost
  std::uint64_t commits = 0; ///< without those that failed
  std::uint64_t commits_failed = 0;
  latency_histogram commit_time; ///< of all commits
  batch_histogram batch_size;    ///< operations of a commit
  /// How long the upkeep that is under way has taken; zero if there is none.
  std::chrono::nanoseconds upkeep_time{};
  std::uint64_t queued = 0;    ///< operations that wait for the next commit
  std::uint64_t log_bytes = 0; ///< length of the log of commits, which is that of its file
  /// No damage, and the last commit succeeded, or failed a while ago.
  bool healthy = true;
  search_progress search; ///< progress of an index that is being built
};

/// The only writer. It batches by itself: a `commit_queued` to itself arrives after everything
/// that is queued. Where a commit costs much, operations gather for a moment (`commit_pause`).
using writer_actor = compat::typed_actor<
    /// Sent by gates. Answered through `sink`, after the commit; an append is not idempotent
    /// without a client_id.
    caf::result<void>(write_batch),
    /// Sent by the directory. Answered after the commit. Error: `already_exists` if the name is
    /// taken.
    caf::result<room_outcome>(op::create_room),
    /// Sent by the recovery actor. Answered after the commit: true if it was stored.
    caf::result<bool>(op::end_recoverable), caf::result<bool>(op::resume_recoverable),
    caf::result<bool>(op::owe_gaps),
    /// Sent by readers. From then on nothing is written. Idempotent.
    caf::result<void>(store_damaged),
    /// Sent to itself, once a batch, and when a while has passed after a failure.
    caf::result<void>(commit_queued),
    /// Sent to itself, from time to time.
    caf::result<void>(purge_expired),
    /// Sent to itself, after commits that lengthened the tail.
    caf::result<void>(index_due),
    /// Sent by readers before a search. Answered with true if more of the tail is left.
    caf::result<bool>(bring_search_up),
    /// Sent by the metrics page and the readiness check.
    caf::result<writer_stats>(ask_writer_stats)>;

struct do_upkeep {};
/// Does the upkeep of a store, beside the writer.
using upkeep_actor = compat::typed_actor<
    /// Sent by the writer. Answered, always with true, when it is done.
    caf::result<bool>(do_upkeep)>;

struct ask_refusals {};
struct ask_measures {};
/// Makes a gate send the writer what has come: at the end of a pass, or, answered, at shutdown.
struct hand_over_batch {};
struct hand_over_now {};

/// Carries the writes of an io thread's rooms to the writer; one for each thread and pinned to
/// it.
using write_gate_actor = compat::typed_actor<
    /// Sent by rooms. Answered through `sink`, after the commit.
    caf::result<void>(write_request),
    /// Sent by the writer: the gate is the `write_sink` of what it handed over.
    caf::result<void>(write_results),
    /// Sent to itself, once a pass.
    caf::result<void>(hand_over_batch),
    /// Sent by the metrics page: all refusals on this thread, and what is measured on it.
    caf::result<refusal_counts>(ask_refusals), caf::result<chat_measures>(ask_measures),
    /// Sent at shutdown. Answered with true once everything before it is on its way to the
    /// writer.
    caf::result<bool>(hand_over_now)>;

/// A page of messages as JSON, ready to be embedded.
struct json_page {
  std::vector<std::string> messages;
  std::vector<sequence> numbers;   ///< the messages' seq, parallel to the messages
  std::vector<revision> revisions; ///< the messages' rev
  page_ends ends;
};
using read_outcome = expected<json_page, store_error>;
/// A room's query of its log: a page of messages, and how far a user has read; each only if it
/// is wanted.
struct room_query {
  room_id room;
  std::optional<message_range> page;
  std::optional<std::string> user_id;
};
struct room_view {
  sequence first_seq{1}; ///< as in `room_record`
  json_page page;
  read_state reading;
};
using view_outcome = expected<room_view, store_error>;
/// Asks how far a user has read these rooms.
struct ask_readings {
  std::string user_id;
  std::vector<room_id> rooms;
};
using readings_outcome = expected<std::vector<read_state>, store_error>;
/// A search, which is dropped when nobody waits for it any more.
struct search_request {
  search_query query;
  std::chrono::steady_clock::time_point until;
};
/// How long a client waits for a search.
inline constexpr std::chrono::seconds search_patience{10};
/// Results as JSON, ready to be embedded.
struct json_hits {
  std::vector<std::string> results;
  bool has_more = false;
};
using search_outcome = expected<json_hits, store_error>;
/// Makes the searcher feed a search index that is a file beside the database.
struct feed_index {};
struct ask_search_stats {};
struct search_stats {
  std::uint64_t searches = 0; ///< answered searches
  std::uint64_t late = 0;     ///< searches not begun, because nobody waited any more
  latency_histogram time;     ///< from the question to the answer, the wait for others included
  index_state index;          ///< state of an index that is a file beside the database
  std::uint64_t mail = 0;     ///< messages that wait for the reader
};
struct list_rooms {
  room_id after;
  std::string q;
  std::int64_t limit = 0;
  room_viewer viewer = {};
};
using list_outcome = expected<std::vector<room_record>, store_error>;

/// Asks how many users are in these rooms.
struct count_members {
  std::vector<room_id> rooms;
};
/// The numbers, in the order of the rooms.
using counts_outcome = expected<std::vector<std::int64_t>, store_error>;

/// Asks who is in a room that sleeps, on the other nodes.
struct find_members {
  room_id room;
};
using members_outcome = expected<std::vector<foreign_member>, store_error>;

/// The state of a room that wakes: its record, its standings of users, and who is in it on the
/// other nodes.
struct room_state {
  room_record record;
  std::vector<standing> standings = {};
  std::vector<foreign_member> elsewhere = {};
};
struct find_state {
  room_ref room;
};
using state_outcome = expected<room_state, store_error>;
/// Asks for a room and a user's standing in it.
struct find_known {
  room_id room;
  std::string user_id;
  timestamp now;
};
struct known_room {
  room_record record;
  user_standing mine;
};
using known_outcome = expected<known_room, store_error>;

/// Asks for a recoverable session, with the records of the rooms that it joined.
struct find_recoverable {
  recovery_id session;
};
struct known_session {
  recoverable_session session;
  /// Rooms of `session.joined`, in its order; without an id if gone.
  std::vector<room_record> rooms;
};
using recoverable_outcome = expected<std::optional<known_session>, store_error>;
/// Asks what a recoverable session missed of a room.
struct find_missed {
  recovery_id session;
  room_position after;
  sequence up_to;
  std::int64_t limit = 0; ///< of messages, and of changes
  bool sees_all = false;  ///< as in `store_reader::is_member`
};
/// Asks for the entries of a room's log after a position.
struct ask_log {
  room_position after;
  std::int64_t limit = 0; ///< of messages, and of changes
};
using log_outcome = expected<log_part, store_error>;
/// Asks where the logs of these rooms end. Rooms that do not exist are left out.
struct ask_heads {
  std::vector<room_id> rooms;
};
using heads_outcome = expected<std::vector<room_position>, store_error>;

struct missed_message {
  message what;
  std::string json;
};
struct missed_page {
  /// The messages after `after.seq`, rising in `seq`, without those that an earlier version
  /// noted as acked to the session.
  std::vector<missed_message> messages;
  /// Edited or deleted messages: those up to `after.seq` changed after `after.rev`, and those
  /// that the earlier version noted. Rising in `rev`.
  std::vector<missed_message> changes;
  sequence up_to;            ///< as asked
  sequence first_seq;        ///< the first message that retention has left
  bool has_changes = false;  ///< all of them: there were not more than `limit`
  bool has_messages = false; ///< all of them: not more than `limit`, nor cut by retention
  bool lost = false; ///< the session has no right to any of it: it left or lost the room
};
using missed_outcome = expected<missed_page, store_error>;

/// Reads the store. It sees everything that was committed before the request. Idempotent.
using reader_actor = compat::typed_actor<
    /// Sent by the HTTP API. Error: `no_such_room`.
    caf::result<read_outcome>(message_range),
    /// Sent by rooms. Error: `no_such_room`.
    caf::result<view_outcome>(room_query),
    /// Sent by the HTTP API. Answered in the order of the rooms.
    caf::result<readings_outcome>(ask_readings),
    /// Sent by rooms and the HTTP API, only to the searcher: a slow search holds up other
    /// searches, but no history. Error: `no_such_room`.
    caf::result<search_outcome>(search_request),
    /// Sent to itself, by the searcher alone: from time to time.
    caf::result<void>(feed_index),
    /// Sent by the metrics page.
    caf::result<search_stats>(ask_search_stats),
    /// Sent by any actor that looks up a room. Error: `no_such_room`.
    caf::result<room_outcome>(room_ref),
    /// Sent by the directory, which wakes the room. Error: `no_such_room`.
    caf::result<state_outcome>(find_state),
    /// Sent by the HTTP API. Error: `no_such_room`.
    caf::result<known_outcome>(find_known),
    /// Sent by the HTTP API.
    caf::result<list_outcome>(list_rooms),
    /// Sent by the recovery actor.
    caf::result<recoverable_outcome>(find_recoverable),
    /// Sent by rooms, for returning sessions.
    caf::result<missed_outcome>(find_missed),
    /// Sent by rooms that follow a log which other nodes write too.
    caf::result<log_outcome>(ask_log),
    /// Sent by the head poll.
    caf::result<heads_outcome>(ask_heads),
    /// Sent by the directory, for rooms that sleep.
    caf::result<counts_outcome>(count_members),
    /// Sent by the HTTP API.
    caf::result<members_outcome>(find_members)>;

} // namespace hubbub
