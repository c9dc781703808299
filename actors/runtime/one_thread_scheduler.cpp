#include "actors/runtime/one_thread_scheduler.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/local_actor.hpp>
#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <utility>

namespace hubbub::compat {
namespace {

using clock_of_caf = caf::detail::thread_safe_actor_clock;

/// Passes everything on to CAF's clock, except for the end of an actor that leaves its time
/// limits. It is a clock of CAF's own class, though without a queue or a thread, since CAF's
/// scheduler has to have one.
class calm_clock final : public clock_of_caf {
 public:
  explicit calm_clock(clock_of_caf& real) : real_(&real) {}

  void set_ordinary_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                            std::uint64_t id) override {
    real_->set_ordinary_timeout(t, self, type, id);
  }
  void set_request_timeout(time_point t, caf::abstract_actor* self,
                           caf::message_id id) override {
    real_->set_request_timeout(t, self, id);
  }
  void set_multi_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type,
                         std::uint64_t id) override {
    real_->set_multi_timeout(t, self, type, id);
  }
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override {
    real_->cancel_ordinary_timeout(self, type);
  }
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override {
    real_->cancel_request_timeout(self, id);
  }
  void cancel_timeouts(caf::abstract_actor* self) override {
    // CAF calls this for local actors alone.
    if (static_cast<const caf::local_actor*>(self)->name() != leaves_time_limits)
      real_->cancel_timeouts(self);
  }
  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override {
    real_->schedule_message(t, std::move(receiver), std::move(content));
  }
  void schedule_message(time_point t, caf::group target, caf::strong_actor_ptr sender,
                        caf::message content) override {
    real_->schedule_message(t, std::move(target), std::move(sender), std::move(content));
  }
  void cancel_all() override { real_->cancel_all(); }

 private:
  clock_of_caf* real_;
};

using coordinator = caf::scheduler::coordinator<caf::policy::work_sharing>;

class one_thread_scheduler final : public coordinator {
 public:
  explicit one_thread_scheduler(caf::actor_system& system)
      : coordinator(system), clock_(coordinator::clock()) {}

  clock_of_caf& clock() noexcept override { return clock_; }

 private:
  calm_clock clock_;
};

} // namespace

void use_one_thread(caf::actor_system_config& config) {
  config.set("scheduler.max-threads", 1);
  config.module_factories.emplace_back(
      [](caf::actor_system& system) -> caf::actor_system::module* {
        return new one_thread_scheduler{system}; // the system owns its modules
      });
}

} // namespace hubbub::compat
