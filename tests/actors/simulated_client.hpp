#pragma once

#include "proto/json/json.hpp"
#include "tests/actors/chat_world.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub::test {

/// Returns a field of what the server said; -1 or nothing if it is absent.
inline std::int64_t number_of(json::value object, std::string_view field) {
  return object.find(field).integer().value_or(-1);
}
inline std::string text_of(json::value object, std::string_view field) {
  return std::string{object.find(field).string().value_or("")};
}

/// How a client behaves, and the world that it is in.
struct client_habits {
  bool recoverable = false; ///< keeps its session over lost connections
  bool rejoins = false;     ///< joins its rooms on every connect, as most applications do
  bool coalesced = false;   ///< its rooms report presence as large rooms do
  bool forgetful_store =
      false; ///< the store fails at times, so that it may lack what it should hold
  /// Other nodes write the log too. What was changed before the client's node heard of it comes
  /// as it is now, and only the last change of it is told.
  bool several_nodes = false;
};

/// A client that knows what it may see. It asks, reads every answer and every event, and fails
/// the test at the first that breaks a guarantee of docs/api.md. It judges only by what is on
/// the wire and in the store.
class simulated_client {
 public:
  simulated_client(client& subject, std::string user, store_reader& log,
                   const client_habits& habits);

  void join(const std::string& room, std::int64_t history, std::optional<std::int64_t> since);
  void leave(const std::string& room);
  /// Sends a message. An empty `client_id` means none. Without `acked` the client only gets the
  /// event.
  void say(const std::string& room, const std::string& content, const std::string& client_id,
           bool acked);
  /// Edits a message that it has, perhaps another user's; or, if it knows none, one that may
  /// not exist. The original content stays in the edited one, up to the sign `edit_mark`.
  static constexpr char edit_mark = '+';
  void edit(const std::string& room, std::uint64_t choice, const std::string& mark, bool acked);
  void remove(const std::string& room, std::uint64_t choice, bool acked);
  /// Marks the room as read, perhaps beyond its end.
  void mark(const std::string& room, std::int64_t ahead);
  void type(const std::string& room, bool is_typing);
  void read(const std::string& room);
  void list(const std::string& room);
  /// Leaves the namespace and comes back, as a new socket to all others.
  void reconnect();
  void close(close_reason reason);
  /// Loses the connection after it has read `read` of the frames that came. The server is told
  /// only if `noticed`.
  void drop(std::size_t read, bool noticed);
  /// Makes everything that the server sends get lost, until the client loses the connection.
  /// The client can still send.
  void deafen();
  /// Comes back over another connection, with what it kept of its session.
  void come_back(client& over);
  /// Notes that it was away for longer than sessions are kept.
  void overstay() { late_ = true; }

  /// Reads what has come.
  void look();
  /// Checks, when nothing is under way any more, that everything was answered and that it knows
  /// all of its rooms.
  void check_quiet();

  /// Checks that it believes exactly these users to be in a room, if it can know.
  void check_users_are(const std::string& room, const std::set<std::string>& users) const;

  [[nodiscard]] bool recoverable() const { return habits_.recoverable; }
  [[nodiscard]] bool away() const { return away_; }
  [[nodiscard]] bool deaf() const { return deaf_; }
  /// True if its CONNECT has been answered, so that it may send.
  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] const std::string& user() const { return user_; }
  [[nodiscard]] bool is_in(const std::string& room) const;
  /// Returns the last message that it saw of a room, whether it is still in it or not.
  [[nodiscard]] std::int64_t position(const std::string& room) const;
  /// An acked message: its original content, and its place in the log.
  struct acked_message {
    std::string room;
    std::int64_t seq = 0;
    std::int64_t id = 0;
  };
  using acked_messages = std::map<std::string, acked_message>;
  [[nodiscard]] const acked_messages& acked() const { return acked_; }

 private:
  enum class kind : std::uint8_t { join, leave, say, type, read, list, edit, remove, mark };
  struct question {
    kind what = kind::join;
    std::string room;
    std::int64_t history = 0; ///< for `mark_read`: what it had seen then
    std::optional<std::int64_t> since;
    std::string content;
    std::string client_id;
    std::int64_t seq = 0;
    std::string author; ///< as far as it knows
  };
  /// A message as it last received it.
  struct copy {
    std::int64_t rev = 0;
    std::string author;
    std::string content;
    bool deleted = false;
    /// True if it has come as a whole so far, perhaps with changes that are yet to be told.
    bool is_whole = false;
  };
  /// Whether a gap of a room must still come, because a session was lost.
  enum class debt : std::uint8_t { none, perhaps, gap };
  struct membership {
    bool taken = false;
    std::int64_t position = 0; ///< the last message up to which it has heard everything
    debt owed = debt::none;
    std::set<std::string> users;
    bool knows_users = true; ///< false: it was away and not told who came and went
    /// True if it left or joined when the connection was lost, so that it may be in the room or
    /// not.
    bool uncertain = false;
    bool live = false;                   ///< nothing is replayed any more
    std::map<std::int64_t, copy> copies; ///< by seq
    /// The `rev` of the last change that it received, if the next one must follow it.
    std::optional<std::int64_t> rev;
    std::int64_t marker = 0; ///< the furthest read position that it was told
  };

  void ask(question asked, std::string_view event, const std::string& payload);
  void emit(std::string_view event, const std::string& payload);
  void on_frame(const std::string& frame);
  void greet();
  void on_connected(const std::string& frame);
  void on_recovered();
  void on_fresh(bool kept_session);
  void join_again();
  /// Takes an offset. Everything that came before it was received.
  void on_offset(const std::string& offset);
  void on_ack(std::uint64_t id, json::value answer);
  void on_error(const question& asked, json::value error);
  void on_joined(const question& asked, json::value answer);
  void on_left(const std::string& room);
  void on_said(const question& asked, json::value message);
  void on_event(std::string_view name, json::value payload);
  void on_message(membership& here, json::value message);
  void on_changed(membership& here, std::string_view name, json::value message);
  void on_change_acked(const question& asked, json::value message);
  void on_marked(const question& asked, json::value answer);
  [[nodiscard]] std::optional<message> stored_at(const std::string& room,
                                                 std::int64_t seq) const;
  [[nodiscard]] bool may_refuse_change(const question& asked, std::string_view code) const;
  /// Checks that a message is the room's next change.
  void follow(membership& here, json::value message);
  void keep(membership& here, json::value message);
  /// Checks that its copies equal the log, and that its read marker was kept.
  void check_copies(const std::string& room, const membership& here) const;
  [[nodiscard]] std::pair<std::int64_t, std::string> pick(const std::string& room,
                                                          std::uint64_t choice) const;
  void on_gap(membership& here, json::value payload);
  void on_presence(membership& here, std::string_view name, json::value payload);
  void check_users(membership& here, std::string_view name, json::value payload);
  void check_stored(json::value message);
  void check_page(json::value messages, std::int64_t last, std::int64_t count);
  [[noreturn]] void violated(const std::string& what) const;

  client* subject_;
  std::string user_;
  store_reader* log_;
  client_habits habits_;
  bool away_ = false;
  bool deaf_ = false;
  bool late_ = false; ///< its session need not be recovered any more
  bool connected_ = false;
  bool recovered_ = false;     ///< the session was recovered
  bool keeps_session_ = false; ///< it did not leave by itself
  std::string sid_;
  std::string pid_;
  std::string offset_;
  /// Something that came without an offset: a message of a room, its change with this `rev`, or
  /// a gap.
  struct hearsay {
    std::string room;
    std::int64_t seq = 0;
    std::int64_t rev = 0;
    friend auto operator<=>(const hearsay&, const hearsay&) = default;
  };
  static constexpr std::int64_t of_gap = -1;
  /// What no offset has covered yet. If the connection is lost now, it may come again, which
  /// docs/api.md allows.
  std::set<hearsay> unproven_;
  /// Changes that came with a message which was replayed, and that no offset has covered yet.
  std::set<hearsay> ahead_;
  std::set<hearsay> may_repeat_; ///< what was in these when a connection was lost
  std::uint64_t next_id_ = 0;
  std::map<std::uint64_t, question> open_;
  std::set<std::uint64_t> stale_; ///< asked before it left the namespace: may stay unanswered
  std::map<std::string, membership, std::less<>> memberships_;
  acked_messages acked_;
};

/// Returns what a message said before it was edited.
[[nodiscard]] std::string first_said(const std::string& content);
/// The content of an edit by a user who has not seen the message.
inline constexpr std::string_view unseen = "nothing";
/// True if this may have been said first, as far as its present content tells.
[[nodiscard]] inline bool may_be(const std::string& content, const std::string& said) {
  const auto first = first_said(content);
  return first == said || first == unseen;
}

/// True while one seed is replayed: then everything on the wire is printed.
extern bool trace_simulation;

} // namespace hubbub::test
