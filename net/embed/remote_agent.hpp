#pragma once

#include "actors/runtime/caf_compat.hpp"
#include "net/embed/gateway_service.hpp"

#include <hubbub/remote.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace hubbub {

/// Returns what is wrong with the settings, in one sentence; empty if nothing is.
[[nodiscard]] std::string fault_of(const remote_settings& settings);

/// Makes the agent ask whether the other node is there.
struct ping_due {};
/// Says that a subscription has not been answered in time.
struct subscribe_late {
  std::uint64_t number = 0;
};

/// A gateway, with what its agent sends to itself and gets from the other node.
using remote_self =
    gateway_actor::extend<caf::reacts_to<ping_due>, caf::reacts_to<subscribe_late>,
                          caf::reacts_to<api::subscription_id, api::room_event>>;

/// Stands for the gateway of another node: passes requests on, each with a time limit, and
/// events back to the subscribers, to which it gives no more than they have granted. It pings,
/// and ends when the other node does.
class remote_agent : public remote_self::base {
 public:
  /// Makes the agent of `other`; `cut` ends the connection to its node. It is called if the
  /// node has fallen silent, since CAF would go on using a connection that it thinks is there.
  remote_agent(caf::actor_config& config, gateway_actor other, const remote_settings& settings,
               std::function<void()> cut);

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  template <class Answer, class Request>
  caf::result<Answer> forward(const Request& request);
  template <class Request>
  caf::result<api::subscribed> subscribe(const Request& request);
  caf::result<bool> unsubscribe(const api::unsubscribe& request);
  void on_subscribed(std::uint64_t number, const caf::strong_actor_ptr& who,
                     const api::start& from, const api::subscribed& answer);
  void on_event(api::subscription_id id, const api::room_event& event);
  /// Ends a subscription at the other node that nobody here wants.
  void drop(api::subscription_id id);
  void ping();
  void on_down(const caf::actor_addr& who);
  /// Ends, since the other node is gone.
  void give_up();
  [[nodiscard]] bool is_full() const;

  /// A subscription of an actor of this node.
  struct entry {
    caf::strong_actor_ptr subscriber;
    api::room_event last; ///< what it is told if the other node is lost
  };
  /// Answers an actor that has asked for a subscription.
  using opening = caf::typed_response_promise<api::subscribed>;

  gateway_actor other_;
  remote_settings settings_;
  std::function<void()> cut_;
  std::map<api::subscription_id, entry> subscribers_;
  std::unordered_map<std::uint64_t, opening> openings_; ///< by the numbers of their requests
  std::uint64_t last_opening_ = 0;
  std::set<api::subscription_id> dropping_;     ///< asked to end, and not yet answered
  std::unordered_set<caf::actor_addr> watched_; ///< actors that have subscribed
  std::uint64_t pings_ = 0;
  /// Held by each answer that is due, so that they can be counted.
  std::shared_ptr<const bool> tally_ = std::make_shared<const bool>();
};

} // namespace hubbub

CAF_BEGIN_TYPE_ID_BLOCK(hubbub_remote, caf::id_block::hubbub_embed::end)
HUBBUB_LOCAL_MESSAGE(hubbub_remote, hubbub::ping_due)
HUBBUB_LOCAL_MESSAGE(hubbub_remote, hubbub::subscribe_late)
CAF_END_TYPE_ID_BLOCK(hubbub_remote)
