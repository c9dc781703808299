#pragma once

#include "actors/interfaces.hpp"
#include "actors/presence/presence_link.hpp"
#include "actors/session/authenticator.hpp"
#include "actors/session/session.hpp"
#include "actors/settings.hpp"
#include "persistence/store.hpp"
#include "tests/actors/fake_bus.hpp"
#include "tests/actors/fake_connection.hpp"
#include "tests/actors/presence_board.hpp"
#include "tests/actors/shared_log.hpp"
#include "tests/support/catch.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace hubbub::test {

/// The beginning of an ack that refuses with the error code of its name.
inline constexpr auto forbidden_answer = R"({"ok":false,"error":{"code":"forbidden")";
inline constexpr auto not_found_answer = R"({"ok":false,"error":{"code":"not_found")";
inline constexpr auto overloaded_answer = R"({"ok":false,"error":{"code":"overloaded")";

/// Returns the ack of a message that was stored or changed, as its sender receives it.
inline std::string stored_ack(int id, const std::string& message) {
  return "43" + std::to_string(id) + R"([{"ok":true,"message":)" + message + "}]";
}

using texts = std::vector<std::string>;

/// Returns what a user whose name is unproven asks of a room over HTTP.
inline room_call call_of(const std::string& user_id, call_command command) {
  return {std::make_shared<const user>(user{user_id, user_id}), std::move(command)};
}
/// Returns a message that a user posts over HTTP.
inline room_call post_of(const std::string& user_id, std::string content,
                         std::optional<std::string> client_id = std::nullopt) {
  return call_of(user_id, command::send_message{{}, std::move(content), std::move(client_id)});
}
/// Returns a moderation order over HTTP.
inline room_call order_of(const access_ptr& who, room_moderation what) {
  return {std::make_shared<const user>(user{who->user_id, who->username, nullptr, who}),
          std::visit([](auto& command) -> call_command { return std::move(command); }, what)};
}
/// Returns an edit of the first message over HTTP.
inline room_call edit_of(const std::string& user_id, std::string content) {
  return call_of(user_id, command::edit_message{{}, sequence{1}, std::move(content)});
}
/// Returns a deletion of the first message over HTTP.
inline room_call deletion_of(const std::string& user_id) {
  return call_of(user_id, command::delete_message{{}, sequence{1}});
}

/// 2023-11-14T22:13:20.000Z, the wall clock's time in every test that does not move it.
inline constexpr timestamp noon{1'700'000'000'000};

/// An actor system whose actors run only when the test says so, on the test's own thread, and
/// whose time the test moves.
class test_system {
 public:
  test_system();

  [[nodiscard]] caf::actor_system& actors() { return *system_; }
  [[nodiscard]] caf::scheduler::test_coordinator& scheduler();

  /// Handles one message of one actor. False if no actor that is not held has a message.
  bool step();
  /// Handles one message of an actor that `random` picks; false if there is none.
  bool step(std::mt19937_64& random);
  /// Runs until no actor has anything to do.
  void run();
  /// Moves the time, fires what falls due, and runs.
  void advance(std::chrono::milliseconds time);

  /// Makes the actor's messages wait from now on.
  template <class Handle>
  void hold(const Handle& actor) {
    held_.insert(job_of(actor));
  }
  template <class Handle>
  void release(const Handle& actor) {
    held_.erase(job_of(actor));
  }
  void release_all() { held_.clear(); }

  /// Asks an actor, runs until it has answered, and returns the answer.
  template <class Result, class Handle, class... Ts>
  Result ask(const Handle& actor, Ts&&... xs) {
    caf::scoped_actor self{*system_};
    auto answer = compat::request(&*self, actor, caf::infinite, std::forward<Ts>(xs)...);
    run();
    std::optional<Result> result;
    REQUIRE(self->has_next_message());
    answer.receive([&](Result& r) { result = std::move(r); },
                   [](const caf::error&) { FAIL("the actor is gone"); });
    return *std::move(result);
  }

 private:
  template <class Handle>
  static caf::resumable* job_of(const Handle& actor) {
    return dynamic_cast<caf::resumable*>(caf::actor_cast<caf::abstract_actor*>(actor));
  }
  void run_front();

  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unordered_set<caf::resumable*> held_;
};

/// Wraps the store's writer into the one that the chat uses.
using writer_wrapper =
    std::function<std::unique_ptr<store_writer>(std::unique_ptr<store_writer>)>;
/// Wraps the store's reader into the one that the chat uses.
using reader_wrapper =
    std::function<std::unique_ptr<store_reader>(std::unique_ptr<store_reader>)>;

struct world_options {
  chat_settings settings = {};
  std::size_t threads = 2;   ///< number of simulated io threads
  bool single_store = false; ///< one actor writes and reads
  /// The store, if other nodes write it too; otherwise the world has one of its own.
  std::shared_ptr<shared_log> shared = {};
  /// The bus to the other nodes that write the store; none without one.
  std::shared_ptr<lossy_air> air = {};
  /// Where nodes report who is in their rooms; none where they do not.
  std::shared_ptr<presence_board> board = {};
  std::shared_ptr<const lease_fault> board_fault = {}; ///< with a `board`
  node_watch on_nodes = {};
  lease_watch on_lease = {};
  /// Where rooms tell the program around the chat; none that is told without one.
  std::shared_ptr<std::vector<chat_notice>> notices = {};
  std::vector<retention_rule> retention = {};
  writer_wrapper wrap_writer = {};
  reader_wrapper wrap_reader = {};
  /// The keys; the default is open mode.
  authenticator_ptr auth = std::make_shared<const authenticator>();
  std::int64_t max_rooms = 1'000'000;
};

class chat_world;

/// The beginning of an ack that refuses because the client is not a member.
inline constexpr auto not_a_member = R"({"ok":false,"error":{"code":"not_a_member")";

/// One client with its session. Packets are text that begins with the Engine.IO digit:
/// `42["typing",{…}]`.
class client {
 public:
  client(session_id id, std::shared_ptr<fake_connection> out, session_actor session,
         test_system& system);

  /// Queues a packet for the session.
  void send(std::string_view packet);
  /// Sends, runs until nothing is left to do, and returns what came.
  texts ask(std::string_view packet);
  /// Returns what has come since the last call.
  texts take() { return out_->take(); }
  /// Ends the connection.
  void close(close_reason reason = close_reason::client_close);

  [[nodiscard]] session_id id() const { return id_; }
  [[nodiscard]] fake_connection& connection() { return *out_; }
  [[nodiscard]] const session_actor& session() const { return session_; }

 private:
  session_id id_;
  std::shared_ptr<fake_connection> out_;
  session_actor session_;
  test_system* system_;
};

/// The whole chat over a memory store: sessions, relays, directory, rooms, writer and reader.
class chat_world : public test_system {
 public:
  explicit chat_world(world_options options = {});
  ~chat_world();

  /// Makes a client whose session runs without a namespace; its connection exists since
  /// `since`.
  client& open(std::uint32_t thread = 0, steady_time since = std::chrono::steady_clock::now());
  /// Makes a client in namespace `/`; with an empty `username` it gives none.
  client& connect(std::string_view username, std::uint32_t thread = 0);
  /// Makes a client in namespace `/` and the room "lobby", and drops what came until then.
  client& member(std::string_view username, std::uint32_t thread = 0);

  /// Replaces the keys that clients are checked with, as SIGHUP does.
  void renew(const authenticator_ptr& auth);

  /// Posts a message over HTTP, as the bot.
  void post(std::string_view name, std::string content);
  /// Returns the number of rooms that have an actor.
  [[nodiscard]] std::uint64_t rooms_awake();
  /// Returns the number of users in a room, as the directory knows it.
  [[nodiscard]] std::int64_t users_in(room_id room);
  /// Returns how often something was refused for this reason, on all threads together.
  [[nodiscard]] std::uint64_t refused(refused_by why);
  /// Returns a second reader of the store, which bypasses all actors.
  [[nodiscard]] store_reader& log() { return *log_; }
  /// Returns the secret that offsets are signed with.
  [[nodiscard]] const recovery_secret& secret() const { return store_->secret(); }

  timestamp wall_time = noon;
  writer_actor writer;
  reader_actor reader;
  reader_actor searcher;
  head_poll_actor head_poll; ///< only if the store is shared
  bus_handle bus;            ///< only with an `air`
  lease_actor lease;         ///< only with a `board`
  presence_actor presence;   ///< only with a `board`
  directory_actor directory;
  recovery_actor recovery;
  limiter_actor limiter;
  connection_counter_actor connection_counter;
  std::vector<relay_actor> relays;
  std::vector<write_gate_actor> gates;
  std::vector<room_actor> rooms; ///< in the order in which they woke

 private:
  std::shared_ptr<shared_log> shared_;
  std::unique_ptr<store> own_;
  store* store_;
  std::unique_ptr<store_reader> log_;
  std::shared_ptr<session_setup> setup_;
  auth_slots auth_;
  refusal_counters refusals_; ///< by thread
  std::vector<std::unique_ptr<client>> clients_;
};

/// Sends a message into the lobby and waits for its ack. `content` is JSON without its quotes.
void say(client& who, const std::string& content);

/// Returns a message of the room "lobby", id 1, as it is on the wire.
[[nodiscard]] std::string lobby_message(std::int64_t seq, std::string_view username,
                                        std::string_view content,
                                        std::string_view client_id = {});
/// Returns `42["new_message",{…}]` with a message of the lobby.
[[nodiscard]] std::string lobby_event(std::int64_t seq, std::string_view username,
                                      std::string_view content,
                                      std::string_view client_id = {});
/// Returns `42["user_joined",{…}]` in the lobby.
[[nodiscard]] std::string joined_lobby(std::string_view username, std::int64_t members_total);
[[nodiscard]] std::string left_lobby(std::string_view username, std::string_view reason,
                                     std::int64_t members_total);
[[nodiscard]] std::string typing_in_lobby(std::string_view username, bool is_typing);
/// True if one of the texts contains `part`.
[[nodiscard]] bool any_has(const texts& all, std::string_view part);

} // namespace hubbub::test
