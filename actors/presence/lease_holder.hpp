#pragma once

#include "actors/interfaces.hpp"
#include "persistence/store.hpp"

#include <chrono>
#include <memory>

namespace hubbub {

/// Reports to the store, and waits for it.
class lease_holder : public lease_actor::base {
 public:
  lease_holder(caf::actor_config& config, std::unique_ptr<node_lease> lease,
               std::chrono::milliseconds length)
      : lease_actor::base(config), lease_(std::move(lease)), length_(length) {}

  behavior_type make_behavior() override {
    return {[this](const lease_report& report) -> lease_outcome {
      return lease_->renew(report, length_);
    }};
  }
  void on_exit() override { lease_ = nullptr; }

 private:
  std::unique_ptr<node_lease> lease_;
  std::chrono::milliseconds length_;
};

} // namespace hubbub
