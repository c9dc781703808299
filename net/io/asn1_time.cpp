#include "net/io/asn1_time.hpp"

#include <algorithm>
#include <cstdint>

namespace hubbub {

std::chrono::system_clock::time_point time_of(const ASN1_TIME* from) {
  using clock = std::chrono::system_clock;
  using std::chrono::floor;
  using std::chrono::seconds;
  int days = 0;
  int rest = 0;
  if (from == nullptr || ASN1_TIME_diff(&days, &rest, nullptr, from) != 1)
    return clock::time_point::max();
  constexpr auto last = floor<seconds>(clock::time_point::max()).time_since_epoch();
  const auto now = floor<seconds>(clock::now()).time_since_epoch();
  const auto then = now + seconds{std::int64_t{days} * 86'400 + rest};
  return clock::time_point{std::clamp(then, seconds{0}, last)};
}

} // namespace hubbub
