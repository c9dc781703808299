#pragma once

#include "actors/limits/refusal_book.hpp"
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

/// The actors around the store: the writer, its upkeep and the readers, and what is said to
/// them.
namespace hubbub {

/// Outcomes of a sink's writes, in the order in which they were sent.
using write_results = std::vector<write_outcome>;
/// Whoever writes: hears of every write exactly once, in order.
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
/// A reader met damage.
struct store_damaged {};

/// Commits what is queued.
struct commit_queued {};
/// Removes some of what is past its time.
struct purge_expired {};
struct ask_writer_stats {};
struct writer_stats {
  std::uint64_t appended = 0; ///< messages stored
  std::uint64_t repeated = 0; ///< repeats found by their client_id
  std::uint64_t edited = 0;
  std::uint64_t deleted = 0;
  std::uint64_t failed = 0; ///< operations the store refused or lost
  std::uint64_t commits = 0;
  std::uint64_t queued = 0;    ///< operations waiting for the next commit
  std::uint64_t log_bytes = 0; ///< of the log of what was committed, as long as its file is
  bool healthy = true;         ///< no damage; the last commit succeeded, or failed a while ago
  search_progress search;      ///< of an index that is being built
};

/// The only writer. Batches by itself: a `commit_queued` to itself lands behind all that is
/// queued.
using writer_actor = compat::typed_actor<
    /// From gates. Answered through `sink`, after the commit; an append is not idempotent
    /// without a client_id.
    caf::result<void>(write_batch),
    /// From the directory. Answered after the commit; `already_exists` where the name is taken.
    caf::result<room_outcome>(create_room),
    /// From the recovery actor. Answered after the commit: was it stored?
    caf::result<bool>(end_recoverable), caf::result<bool>(resume_recoverable),
    caf::result<bool>(owe_gaps),
    /// From readers. From here on nothing is written. Idempotent.
    caf::result<void>(store_damaged),
    /// To itself, once a batch.
    caf::result<void>(commit_queued),
    /// To itself, now and then.
    caf::result<void>(purge_expired),
    /// From the metrics page and the readiness check.
    caf::result<writer_stats>(ask_writer_stats)>;

struct do_upkeep {};
/// Does the upkeep of a store, beside the writer.
using upkeep_actor = compat::typed_actor<
    /// From the writer. Answered, always with true, when that is done.
    caf::result<bool>(do_upkeep)>;

struct ask_refusals {};
/// Sends the writer what has come: at the end of a pass, or, answered, at shutdown.
struct hand_over_batch {};
struct hand_over_now {};

/// The way of an io thread's rooms to the writer, one per thread and pinned to it.
using write_gate_actor = compat::typed_actor<
    /// From rooms. Answered through `sink`, after the commit.
    caf::result<void>(write_request),
    /// From the writer: the gate is the `write_sink` of what it handed over.
    caf::result<void>(write_results),
    /// To itself, once a pass.
    caf::result<void>(hand_over_batch),
    /// From the metrics page: what was refused on this thread, by whomever.
    caf::result<refusal_counts>(ask_refusals),
    /// At shutdown. True, once what came before is on its way to the writer.
    caf::result<bool>(hand_over_now)>;

/// A page of messages as JSON, ready to be embedded.
struct json_page {
  std::vector<std::string> messages;
  std::vector<sequence> numbers;   ///< the messages' seq, in the same places
  std::vector<revision> revisions; ///< and their rev
  page_ends ends;
};
using read_outcome = expected<json_page, store_error>;
/// What a room asks of its log: a page of messages, and how far a user has read; each only
/// where it is wanted.
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
/// How far has a user read these rooms?
struct ask_readings {
  std::string user_id;
  std::vector<room_id> rooms;
};
using readings_outcome = expected<std::vector<read_state>, store_error>;
/// A search, for as long as somebody waits for it.
struct search_request {
  search_query query;
  std::chrono::steady_clock::time_point until;
};
/// How long whoever asked for a search waits.
inline constexpr std::chrono::seconds search_patience{10};
/// Results as JSON, ready to be embedded.
struct json_hits {
  std::vector<std::string> results;
  bool has_more = false;
};
using search_outcome = expected<json_hits, store_error>;
struct ask_search_stats {};
struct search_stats {
  std::uint64_t searches = 0; ///< answered
  std::uint64_t late = 0;     ///< not begun, since nobody waited any more
};
struct list_rooms {
  room_id after;
  std::string q;
  std::int64_t limit = 0;
  room_viewer viewer = {};
};
using list_outcome = expected<std::vector<room_record>, store_error>;

/// A room as it wakes: its record and what it holds about users.
struct room_state {
  room_record record;
  std::vector<standing> standings = {};
};
struct find_state {
  room_ref room;
};
using state_outcome = expected<room_state, store_error>;
/// A room, and how a user stands in it.
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

/// What is known of a recoverable session, with the records of the rooms that it joined.
struct find_recoverable {
  recovery_id session;
};
struct known_session {
  recoverable_session session;
  std::vector<room_record> rooms; ///< of `session.joined`, in its order; without an id if gone
};
using recoverable_outcome = expected<std::optional<known_session>, store_error>;
/// What a recoverable session missed of a room.
struct find_missed {
  recovery_id session;
  room_position after;
  sequence up_to;
  std::int64_t limit = 0; ///< of messages, and of changes
};
struct missed_message {
  message what;
  std::string json;
};
struct missed_page {
  /// Behind `after.seq`, rising in `seq`, but those that an earlier version noted as acked to
  /// the session.
  std::vector<missed_message> messages;
  /// Edited or deleted: those up to `after.seq` that were behind `after.rev`, and those that
  /// the earlier version noted. Rising in `rev`.
  std::vector<missed_message> changes;
  sequence up_to;     ///< as asked
  bool whole = false; ///< neither more than `limit` nor cut by retention
};
using missed_outcome = expected<missed_page, store_error>;

/// Reads; sees all that was committed before it was asked. Idempotent.
using reader_actor = compat::typed_actor<
    /// From the HTTP API. `no_such_room`.
    caf::result<read_outcome>(message_range),
    /// From rooms. `no_such_room`.
    caf::result<view_outcome>(room_query),
    /// From the HTTP API. In the order of the rooms.
    caf::result<readings_outcome>(ask_readings),
    /// From rooms and the HTTP API. `no_such_room`. Asked of the searcher alone: a slow search
    /// holds up other searches, but no history.
    caf::result<search_outcome>(search_request),
    /// From the metrics page.
    caf::result<search_stats>(ask_search_stats),
    /// From whoever looks a room up. `no_such_room`.
    caf::result<room_outcome>(room_ref),
    /// From the directory, which wakes it. `no_such_room`.
    caf::result<state_outcome>(find_state),
    /// From the HTTP API. `no_such_room`.
    caf::result<known_outcome>(find_known),
    /// From the HTTP API.
    caf::result<list_outcome>(list_rooms),
    /// From the recovery actor.
    caf::result<recoverable_outcome>(find_recoverable),
    /// From rooms, for those who return.
    caf::result<missed_outcome>(find_missed)>;

} // namespace hubbub
