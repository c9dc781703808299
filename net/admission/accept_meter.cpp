#include "net/admission/accept_meter.hpp"

#include <algorithm>
#include <chrono>

namespace hubbub {

bool accept_meter::take(steady_time now) {
  const std::chrono::duration<double> passed = now - last_;
  last_ = now;
  left_ = std::min(rate_, left_ + passed.count() * rate_);
  if (left_ < 1) return false;
  left_ -= 1;
  return true;
}

} // namespace hubbub
