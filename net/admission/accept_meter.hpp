#pragma once

#include "proto/engine/engine_session.hpp"

namespace hubbub {

/// Limits how many connections are accepted in a second; as many may come at once.
class accept_meter {
 public:
  explicit accept_meter(double per_second) : rate_(per_second), left_(per_second) {}

  /// Counts one connection; false if it is one too many. `now` never falls.
  [[nodiscard]] bool take(steady_time now);

 private:
  double rate_;
  double left_;
  steady_time last_{};
};

} // namespace hubbub
