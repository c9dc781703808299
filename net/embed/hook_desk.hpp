#pragma once

#include "actors/interfaces.hpp"
#include "net/embed/hook_line.hpp"
#include "proto/limits.hpp"

#include <hubbub/hooks.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace hubbub {

/// What all desks of a broker share.
struct hook_desk_setup {
  host_hooks hooks;
  chat_limits limits;
};
using hook_desk_setup_ptr = std::shared_ptr<const hook_desk_setup>;

/// True if the host has set any hook.
[[nodiscard]] bool has_hooks(const host_hooks& from);
/// Returns what desks are there for, without the desks.
[[nodiscard]] hook_desks wanted_of(const host_hooks& from);

/// Asks the host's actors what rooms and sessions want to know, and answers for those that do
/// not: each question has a time limit, and no more are under way than the setting allows.
class hook_desk : public hook_desk_actor::base {
 public:
  hook_desk(caf::actor_config& config, hook_desk_setup_ptr setup);

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  [[nodiscard]] const host_hooks& hooks() const { return setup_->hooks; }

  /// Calls `f` with each actor of the host.
  template <class F>
  void for_each_hook(const F& f) const;
  void on_gone(const caf::actor_addr& who);
  caf::result<draft_verdict> on_draft(const message_draft& draft);
  caf::result<foreign_answer> on_event(const foreign_event& event);
  caf::result<arrival_verdict> on_arrival(const arrival_question& asked);
  [[nodiscard]] arrival_verdict admit(const api::admission& given) const;
  void on_notice(const chat_notice& news);
  void tell_notices();
  [[nodiscard]] draft_verdict judge(const api::verdict& given) const;

  /// Asks an actor of the host. `then` gets its answer, or why there is none: an error of the
  /// host's own, or none if it is late or gone.
  template <class Answer, class Handle, class Question>
  void ask(hook_line& line, const hook<Handle>& whom, Question question,
           std::function<void(Answer*, std::optional<error>)> then);

  hook_desk_setup_ptr setup_;
  hook_line messages_;
  hook_line events_;
  hook_line arrivals_;
  api::notices notices_;       ///< what the host is told next
  bool tells_notices_ = false; ///< it has yet to answer the last ones
  bool notices_gone_ = false;  ///< the actor that takes them has ended
};

} // namespace hubbub
