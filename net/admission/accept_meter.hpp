#pragma once

#include "proto/engine/engine_session.hpp"

namespace hubbub {

/// So many a second, and as many at once as a second has.
class accept_meter {
 public:
  explicit accept_meter(double per_second) : rate_(per_second), left_(per_second) {}

  /// False: that is one too many. `now` never falls.
  [[nodiscard]] bool take(steady_time now);

 private:
  double rate_;
  double left_;
  steady_time last_{};
};

} // namespace hubbub
