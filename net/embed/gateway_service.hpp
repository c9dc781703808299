#pragma once

#include "actors/chat_actors.hpp"
#include "actors/interfaces.hpp"
#include "actors/settings.hpp"
#include "actors/store/store_actors.hpp"
#include "net/api/api_service.hpp" // its block of types, after which ours follows
#include "net/embed/error_category.hpp"
#include "net/embed/subscription.hpp"
#include "proto/access/access.hpp"
#include "proto/expected.hpp"

#include <hubbub/gateway.hpp>
#include <hubbub/hooks.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace hubbub {

/// Makes the gateway hear what has arrived in this pass.
struct hear_arrivals {};
/// Makes a subscription go on after a failure of the store.
struct try_subscription {
  std::uint64_t serial = 0;
};
/// Makes the gateway stop waiting for a room, if it still does.
struct room_is_late {
  std::uint64_t serial = 0; ///< of the subscription
  ack_id what = 0;          ///< of what was said; 0 for the beginning of the subscription
};

/// Makes the gateway look for subscribers on other nodes that have fallen silent.
struct check_far {};

/// The gateway, with what it sends to itself and hears from the directory.
using gateway_self =
    gateway_actor::extend<caf::reacts_to<hear_arrivals>, caf::reacts_to<try_subscription>,
                          caf::reacts_to<room_is_late>, caf::reacts_to<check_far>,
                          caf::reacts_to<room_woke>>;

/// What a gateway needs of the chat.
struct gateway_setup {
  chat_actors actors;
  relay_actor relay; ///< the relay of the gateway's io thread
  std::uint32_t thread = 0;
  chat_settings settings;
  wall_clock clock = wall_clock_now;
  /// How long a subscriber on another node may be silent.
  std::chrono::milliseconds far_silence{40'000};
  /// How long an actor may take to answer.
  std::chrono::milliseconds patience = gateway_patience;
};

/// Serves the actors of the host (include/hubbub/gateway.hpp). What it is asked for goes to
/// rooms and readers as calls over HTTP do; its subscriptions are connections of the relay of
/// its io thread, to which it is pinned. The methods are split by their topic:
/// gateway_rooms.cpp, gateway_reads.cpp, gateway_subscribe.cpp.
class gateway_service : public gateway_self::base, private subscription_host {
 public:
  gateway_service(caf::actor_config& config, gateway_setup setup);

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// An answer that is due; it counts as long as it is.
  template <class T>
  struct due {
    caf::typed_response_promise<T> promise;
    std::shared_ptr<const bool> tally;

    void give(T value) { promise.deliver(std::move(value)); }
    void fail(const error& why) { promise.deliver(to_caf(why)); }
    void fail(const caf::error& why) { promise.deliver(why); }
  };
  template <class T>
  [[nodiscard]] due<T> make_due() {
    return {make_response_promise<T>(), tally_};
  }
  /// Returns why nothing more may be asked for now.
  [[nodiscard]] std::optional<error> refusal() const;
  /// Returns what became of a request that an actor did not answer.
  [[nodiscard]] static caf::error unanswered(const caf::error& why);

  /// Asks an actor, whose answer is an `Answer`; `then(due, answer)` goes on.
  template <class Answer, class T, class Handle, class Question, class Then>
  void ask(due<T> to, const Handle& whom, Question question, Then then) {
    compat::request(this, whom, setup_.patience, std::move(question))
        .then([to, then = std::move(then)](Answer& answer) mutable { then(to, answer); },
              [to](const caf::error& why) mutable { to.fail(unanswered(why)); });
  }
  /// Has a room carry out a command; `read` makes the answer of the room's.
  template <class T, class Read>
  caf::result<T> ask_room(const expected<resolve_room, error>& where, room_call what,
                          Read read);
  /// Asks the readers for a room; `then(due, record)` answers.
  template <class T, class Then>
  void find(due<T> to, const room_ref& room, Then then);

  // gateway_rooms.cpp: what goes to rooms
  caf::result<api::message> on_post(const api::post& request);
  caf::result<api::message> on_edit(const api::edit& request);
  caf::result<api::message> on_erase(const api::erase& request);
  caf::result<api::room> on_change(const api::change_room& request);
  caf::result<api::member_page> on_members(const api::members& request);
  caf::result<std::int64_t> on_kick(const api::kick& request);
  caf::result<api::standing> on_put(const api::put_standing& request);
  caf::result<bool> on_broadcast(const api::broadcast& request);
  caf::result<bool> on_lift(const api::lift_standing& request);

  // gateway_reads.cpp: what is read from the store
  caf::result<api::history_page> on_history(const api::history& request);
  caf::result<api::search_page> on_search(const api::search& request);
  void search(due<api::search_page> to, search_query query);
  caf::result<api::room> on_find(const api::find_room& request);
  caf::result<api::room> on_create(const api::create_room& request);
  caf::result<api::room_page> on_list(const api::list_rooms& request);
  caf::result<api::online> on_online();
  void show_room(due<api::room> to, const room_record& record);

  // gateway_subscribe.cpp
  /// A subscription, with what is asked of it.
  struct entry {
    std::shared_ptr<subscription> link; ///< what the relay writes to
    caf::strong_actor_ptr subscriber;
    session_id session;
    user_ptr as;                                 ///< null: an observer
    std::string pattern;                         ///< empty: of one room
    std::optional<due<api::subscribed>> opening; ///< until its rooms are entered
    std::int64_t credit = 0;                     ///< which it has once it is open
    std::size_t entering = 0;                    ///< rooms that it has asked for their events
    bool knows_rooms = false;                    ///< no other room is to be entered first
    room_lease_ptr room;                         ///< null for a pattern, and until it is found
    ack_id last_ack = 0;
    /// What was said and the room has not answered yet; without a promise once the subscriber
    /// was told that the answer is late.
    std::unordered_map<ack_id, std::optional<due<api::message>>> says;
  };
  using entries = std::unordered_map<std::uint64_t, entry>;

  caf::result<api::subscribed> on_subscribe(const api::subscribe& request);
  caf::result<api::subscribed> on_subscribe_all(const api::subscribe_all& request);
  caf::result<bool> on_unsubscribe(const api::unsubscribe& request);
  caf::result<api::message> on_say(const api::say& request);
  void on_type(const api::type& request);
  /// Answers `late` to a subscriber whose room has not answered, and ends a subscription that
  /// has not begun.
  void on_late(const room_is_late& which);
  /// Adds a subscription of an actor; null if it cannot have one.
  entry* add(const caf::strong_actor_ptr& who, const api::start& from, std::int64_t credit);
  /// Answers that the subscription is there, once its rooms are entered.
  void open(entry& which, const room_position& at, const api::cursor& start);
  void enter(entry& which, const room_lease_ptr& room);
  void on_woke(const room_woke& news);
  void hear();
  void on_answer(entry& which, const said& what);
  /// Ends a subscription; with a reason, the subscriber is told.
  void end(entries::iterator which, leave_reason why, const std::string& told);
  /// Ends all subscriptions of an actor; with a text, it is told.
  void end_all(const caf::actor_addr& who, leave_reason why, const std::string& told);
  /// Notes that an actor is there, if it subscribes from another node.
  void hear_of(const caf::strong_actor_ptr& who);
  /// Ends the subscriptions of actors on other nodes that have been silent for long.
  void drop_silent();
  void check_far_later();
  [[nodiscard]] api::room_event last_event(const entry& which, std::string text) const;
  [[nodiscard]] entry* find(api::subscription_id id);

  void on_arrival(std::uint64_t to, const frame_ptr& what) override;
  void on_arrival(std::uint64_t to, const room_position& entered) override;
  void tell(std::uint64_t from, const api::room_event& event) override;
  void read_log(std::uint64_t to, const room_position& after, std::int64_t limit) override;
  void read_newest(std::uint64_t to, const room_position& up_to, std::int64_t count) override;
  void pause(std::uint64_t serial) override;

  /// What a relay has said in this pass.
  struct arrival {
    std::uint64_t to = 0;
    frame_ptr what; ///< null: the room was entered
    std::optional<room_position> entered = std::nullopt;
  };

  gateway_setup setup_;
  access_ptr access_; ///< what the host may do
  std::uint64_t last_id_ = 0;
  entries subscriptions_; ///< by the serial number of their connection
  /// The subscriptions of each actor that has any.
  std::unordered_map<caf::actor_addr, std::unordered_set<std::uint64_t>> subscribers_;
  std::unordered_set<std::uint64_t> of_patterns_; ///< those that are not of one room
  /// When subscribers on other nodes were heard of last.
  std::unordered_map<caf::actor_addr, std::chrono::steady_clock::time_point> far_;
  bool is_checking_far_ = false; ///< a check is due
  std::vector<arrival> arrivals_;
  frame_ptr last_frame_; ///< the frame that was read last: many subscriptions get the same
  said last_said_;
  /// Held by each answer that is due, so that they can be counted.
  std::shared_ptr<const bool> tally_ = std::make_shared<const bool>();
};

} // namespace hubbub

static_assert(caf::id_block::hubbub_host::end <= caf::id_block::hubbub::begin,
              "the library's own types of messages come first");

CAF_BEGIN_TYPE_ID_BLOCK(hubbub_embed, caf::id_block::hubbub_net::end)
HUBBUB_LOCAL_MESSAGE(hubbub_embed, hubbub::hear_arrivals)
HUBBUB_LOCAL_MESSAGE(hubbub_embed, hubbub::try_subscription)
HUBBUB_LOCAL_MESSAGE(hubbub_embed, hubbub::room_is_late)
HUBBUB_LOCAL_MESSAGE(hubbub_embed, hubbub::check_far)
CAF_END_TYPE_ID_BLOCK(hubbub_embed)
