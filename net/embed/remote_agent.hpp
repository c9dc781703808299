#pragma once

#include "actors/runtime/caf_compat.hpp"
#include "net/embed/gateway_service.hpp"

#include <hubbub/remote.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>

namespace hubbub {

/// Makes the agent ask whether the other node is there.
struct ping_due {};

/// A gateway, with what its agent sends to itself and gets from the other node.
using remote_self =
    gateway_actor::extend<caf::reacts_to<ping_due>,
                          caf::reacts_to<api::subscription_id, api::room_event>>;

/// Stands for the gateway of another node: passes requests on, each with a time limit, and
/// events back to the subscribers, to which it gives no more than they have granted. It pings,
/// and ends when the other node does.
class remote_agent : public remote_self::base {
 public:
  remote_agent(caf::actor_config& config, gateway_actor other, const remote_settings& settings);

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  template <class Answer, class Request>
  caf::result<Answer> forward(const Request& request);
  template <class Request>
  caf::result<api::subscribed> subscribe(const Request& request);
  void ping();
  void on_down(const caf::actor_addr& who);
  /// Ends, since the other node is gone.
  void give_up();
  [[nodiscard]] bool is_full() const;

  gateway_actor other_;
  remote_settings settings_;
  std::map<api::subscription_id, caf::strong_actor_ptr> subscribers_;
  std::unordered_map<caf::actor_addr, std::size_t> watched_; ///< how many each one has
  std::uint64_t pings_ = 0;
  /// Held by each answer that is due, so that they can be counted.
  std::shared_ptr<const bool> tally_ = std::make_shared<const bool>();
};

} // namespace hubbub

CAF_BEGIN_TYPE_ID_BLOCK(hubbub_remote, caf::id_block::hubbub_embed::end)
HUBBUB_LOCAL_MESSAGE(hubbub_remote, hubbub::ping_due)
CAF_END_TYPE_ID_BLOCK(hubbub_remote)
