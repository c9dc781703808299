#pragma once

#include "actors/chat_actors.hpp"
#include "actors/interfaces.hpp"
#include "actors/session/authenticator.hpp"
#include "actors/settings.hpp"
#include "actors/store/store_actors.hpp"
#include "net/api/api_call.hpp"
#include "net/api/api_route.hpp"
#include "net/api/trace_teller.hpp"
#include "net/io/server_stats.hpp"
#include "net/server.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hubbub {

struct members_query;
struct metrics_snapshot;
class metrics_gathering;
using metrics_gathering_ptr = std::shared_ptr<metrics_gathering>;
/// Receives the counters of all actors.
using snapshot_handler = std::function<void(const metrics_snapshot&)>;
class figure_history;

/// Makes `/readyz` answer 503, because the server is about to stop.
struct stop_serving {};
/// Makes the first thread's API take a sample for the history of the page for people on call.
struct take_sample {};

/// Answers HTTP requests. Pinned to the io thread of its connections, where it also answers.
using api_actor = compat::typed_actor<
    /// Sent by the thread's handler, once for each request.
    caf::result<void>(api_call_ptr),
    /// Sent by the server: the keys by which this thread's sessions and requests are checked
    /// from now on.
    caf::result<void>(authenticator_ptr),
    /// Sent by the server when it is stopping. From then on it reports not to be ready.
    caf::result<void>(stop_serving),
    /// Sent to itself on the first thread, every `figure_history::interval`.
    caf::result<void>(take_sample)>;

/// Calls `done` with the server's counters, now or later, on this thread.
using stats_source = std::function<void(std::function<void(const server_stats&)> done)>;

/// Has `look` called on every io thread, and then `done` on the thread `home`; see `server`.
using look_around =
    std::function<void(std::size_t home, const thread_look& look, std::function<void()> done)>;

/// What all API actors of a server share.
struct api_setup {
  chat_actors actors;
  std::vector<relay_actor> relays;
  chat_settings settings;
  std::size_t max_payload = 0;
  auth_slots auth = {}; ///< empty in open mode
  wall_clock clock = wall_clock_now;
  std::int64_t node = 0;            ///< the number of this node; 0: the only server
  look_around look = {};            ///< empty where there are no io threads
  std::function<void()> drain = {}; ///< starts to stop the server; empty where the host cannot
  trace_teller_actor trace = {};    ///< null without a flight recorder
  /// Held by a question while `trace` reads its large file for it; others are refused
  /// meanwhile.
  std::shared_ptr<const std::monostate> trace_turn = std::make_shared<const std::monostate>();
  /// The figures of the last hour. Only the first io thread uses it; none: no history.
  std::shared_ptr<figure_history> history = nullptr;
};
using api_setup_ptr = std::shared_ptr<const api_setup>;

/// The HTTP API of one io thread. Each route has a method, which asks other actors and answers
/// when they have. The methods are split by their topic: api_rooms.cpp, api_messages.cpp,
/// api_moderation.cpp, api_search.cpp, api_status.cpp, api_admin.cpp; api_access.cpp finds out
/// who makes a request.
class api_service : public api_actor::base {
 public:
  /// Creates the API of one thread; `index` spreads the threads over the readers.
  api_service(caf::actor_config& config, api_setup_ptr setup, std::size_t index,
              stats_source server_counters);

  behavior_type make_behavior() override;
  void on_exit() override;

  /// Every route with the method that answers it (docs/api.md, section 7).
  [[nodiscard]] static std::span<const api_route> routes();

 private:
  /// Answers a call when its room has done what it asked for.
  using answer_handler = std::function<void(call_answer& answer)>;

  void serve(const api_call_ptr& call);
  void count(refused_by why) const;
  void dispatch(const api_call_ptr& call, const route_match& match);

  /// Finds out who makes the request. Returns false if they are not admitted; then it has
  /// answered.
  [[nodiscard]] bool admit(const api_call_ptr& call);
  /// Finds out whether they may watch and steer the server. Returns false if not; then it has
  /// answered.
  [[nodiscard]] bool admit_operator(const api_call_ptr& call);
  /// Returns the error if a call comes too early, for its address or for its user.
  [[nodiscard]] std::optional<error> too_early_from_address(const api_call& call);
  [[nodiscard]] std::optional<error> too_early_for_user(const api_call& call);
  /// Returns the error if another room may not be created yet.
  [[nodiscard]] std::optional<error> too_early_to_create(const api_call& call);
  [[nodiscard]] std::optional<error> take(const std::shared_ptr<rate_account>& account,
                                          rated what, double count,
                                          rate_account::time_point now);
  [[nodiscard]] std::optional<error> too_early(const std::shared_ptr<rate_account>& account,
                                               const api_call& call,
                                               rate_account::time_point now);

  /// A page of rooms while it is put together.
  struct room_page {
    std::vector<room_record> rooms;
    std::vector<std::int64_t> members_totals;
    std::vector<read_state> readings;
    std::optional<room_id> next;
  };
  using room_page_ptr = std::shared_ptr<room_page>;
  void list_rooms(const api_call_ptr& call);
  void count_rooms(const api_call_ptr& call, const room_page_ptr& page,
                   const std::optional<std::string>& user_id);
  void add_readings(const api_call_ptr& call, const room_page_ptr& page, ask_readings question);
  static void show_page(const api_call_ptr& call, const room_page& page);
  void create_room(const api_call_ptr& call);
  void show_room(const api_call_ptr& call, const std::string& id);
  void list_members(const api_call_ptr& call, const std::string& id);
  void list_members_asleep(const api_call_ptr& call, room_id room, const members_query& query);

  void read_messages(const api_call_ptr& call, const std::string& id);
  [[nodiscard]] expected<post_message, error> parse_message(const api_call& call,
                                                            bool room_in_body) const;
  void post_to_room(const api_call_ptr& call, const std::string& id);
  void post_to_any_room(const api_call_ptr& call);
  void edit_message(const api_call_ptr& call, const std::string& id, const std::string& seq);
  void delete_message(const api_call_ptr& call, const std::string& id, const std::string& seq);

  /// Has a room carry out a moderation order that was parsed; `then` is as for `ask_room`.
  void moderate(const api_call_ptr& call, const std::string& id, const moderation_result& what,
                const answer_handler& then = {});
  void change_room(const api_call_ptr& call, const std::string& id);
  void kick_user(const api_call_ptr& call, const std::string& id);
  void list_standings(const api_call_ptr& call, const std::string& id);
  void put_standing(const api_call_ptr& call, const std::string& id,
                    const std::string& user_id);
  void lift_standing(const api_call_ptr& call, const std::string& id,
                     const std::string& user_id);

  void search_room(const api_call_ptr& call, const std::string& id);
  void search_all(const api_call_ptr& call);
  void search(const api_call_ptr& call, std::optional<room_id> room);
  void on_found(const api_call_ptr& call, const std::optional<search_outcome>& outcome);

  void tell_health(const api_call_ptr& call);
  void tell_readiness(const api_call_ptr& call);
  void tell_bus(const api_call_ptr& call);
  void tell_metrics(const api_call_ptr& call);
  /// Asks everything that counts; `then` gets what has come in time.
  void gather_metrics(snapshot_handler then);
  template <class Part, class Handle, class Question, class Take>
  void gather(const metrics_gathering_ptr& page, std::string actor, const Handle& whom,
              Question question, std::optional<Part> metrics_snapshot::*place, Take take);
  void tell_info(const api_call_ptr& call);

  // api_admin.cpp: the page for people on call
  void show_admin_page(const api_call_ptr& call);
  void tell_now(const api_call_ptr& call);
  void tell_activity(const api_call_ptr& call);
  void tell_trace_of(const api_call_ptr& call);
  void disconnect_user(const api_call_ptr& call);
  void drain_server(const api_call_ptr& call);
  void sample();
  /// Calls `look` on every thread, or on this one where there are no others, and `then` after
  /// that.
  void look_around_then(const thread_look& look, std::function<void()> then);

  /// Asks an actor; `then` gets its answer. If it does not answer in time, the call is answered
  /// as overloaded.
  template <class Handle, class Then, class Question>
  void ask(const api_call_ptr& call, const Handle& whom, Question question, Then then) {
    compat::request(this, whom, patience, std::move(question))
        .then(std::move(then), [call](const caf::error&) { call->fail(no_answer()); });
  }
  [[nodiscard]] static error no_answer();
  /// Has a room carry out a command. Then answers the call with 200 and the room's answer, or
  /// has `then` do so. It waits as long as the room does: an earlier answer could be wrong
  /// about the store.
  void ask_room(const api_call_ptr& call, const resolve_room& room, room_call what,
                answer_handler then = {});
  /// Does the same with a room that is awake.
  void tell_room(const api_call_ptr& call, const room_lease_ptr& lease, room_call what,
                 answer_handler then = {});
  /// Receives the room, if it exists and the client may read it.
  using room_handler = std::function<void(const room_record&)>;
  void find_readable(const api_call_ptr& call, room_id room, room_handler then);

  /// How long another actor may take to answer.
  static constexpr std::chrono::seconds patience{10};

  api_setup_ptr setup_;
  std::size_t index_; ///< index of the io thread
  reader_actor reader_;
  std::shared_ptr<rate_accounts> accounts_; ///< the rates of this io thread
  stats_source server_counters_;
  /// The keys of this thread.
  std::shared_ptr<auth_slot> auth_;
  /// Searches that were asked for and not answered.
  std::size_t searches_ = 0;
  /// Held by each call, so that calls can be counted.
  std::shared_ptr<const bool> tally_ = std::make_shared<const bool>();
  bool stopping_ = false;
};

/// Passes the requests of one io thread to its API actor.
class api_handler final : public http_handler {
 public:
  explicit api_handler(api_actor service) : service_(std::move(service)) {}
  void handle(http_request request, http_responder respond) override;
  [[nodiscard]] std::string methods_of(std::string_view path) const override;

 private:
  api_actor service_;
};

} // namespace hubbub

CAF_BEGIN_TYPE_ID_BLOCK(hubbub_net, caf::id_block::hubbub::end)
HUBBUB_LOCAL_MESSAGE(hubbub_net, hubbub::api_call_ptr)
HUBBUB_LOCAL_MESSAGE(hubbub_net, hubbub::authenticator_ptr)
HUBBUB_LOCAL_MESSAGE(hubbub_net, hubbub::stop_serving)
HUBBUB_LOCAL_MESSAGE(hubbub_net, hubbub::take_sample)
HUBBUB_LOCAL_MESSAGE(hubbub_net, hubbub::trace_search)
HUBBUB_LOCAL_MESSAGE(hubbub_net, hubbub::trace_outcome)
CAF_END_TYPE_ID_BLOCK(hubbub_net)
