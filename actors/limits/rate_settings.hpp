#pragma once

#include "proto/access/rate_limit.hpp"
#include "proto/enum_count.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hubbub {

/// The kinds of things that are counted against a rate.
enum class rated : std::uint8_t {
  events,   ///< client events except `typing`, and HTTP requests
  joins,    ///< joins among them
  typing,   ///< the event `typing`, which has a rate of its own: it costs little and is not
            ///< stored
  bytes,    ///< bytes of messages from a client and of request bodies
  connects, ///< CONNECT packets
  creates,  ///< joins and posts that may create a room
};

/// Returns the kind's word in the label of the metrics.
[[nodiscard]] constexpr std::string_view to_string(rated what) {
  switch (what) {
  case rated::events: return "events";
  case rated::joins: return "joins";
  case rated::typing: return "typing";
  case rated::bytes: return "bytes";
  case rated::connects: return "connects";
  case rated::creates: return "rooms";
  }
  return {};
}
inline constexpr auto rated_kinds = enum_count<rated>();

/// A rate for each of them.
class rate_table {
 public:
  [[nodiscard]] const rate& operator[](rated what) const {
    return rates_[static_cast<std::size_t>(what)];
  }
  [[nodiscard]] rate& operator[](rated what) { return rates_[static_cast<std::size_t>(what)]; }
  /// True if any rate is limited.
  [[nodiscard]] bool limited() const {
    for (const auto& each : rates_)
      if (each.limited()) return true;
    return false;
  }

 private:
  std::array<rate, rated_kinds> rates_{};
};

/// The rates of clients. A socket's own limits stop a program out of control and are far above
/// what people and bots do. Those of a user or an address depend on who uses it (an office, a
/// proxy, a load test), so there are none until they are set.
struct rate_settings {
  rate_table per_socket = defaults_per_socket();
  rate_table per_user;
  rate_table per_address;
  /// A socket that continues at this many times its rate is closed.
  static constexpr double flood = 10;

 private:
  static rate_table defaults_per_socket() {
    rate_table table;
    table[rated::events] = {500, 5'000};
    table[rated::joins] = {50, 500}; // a client that returns joins all its rooms at once
    table[rated::typing] = {50, 500};
    table[rated::bytes] = {4'000'000, 40'000'000}; // forty payloads of the default bound
    table[rated::creates] = {10, 200};
    table[rated::connects] = {5,
                              50}; // one is usual; each may be a session to keep in the store
    return table;
  }
};

} // namespace hubbub
