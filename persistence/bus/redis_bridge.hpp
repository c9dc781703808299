#pragma once

#include "persistence/bus/bridge_line.hpp"
#include "persistence/bus/redis_socket.hpp"

#include <optional>
#include <string>
#include <utility>

namespace hubbub {

/// A bridge to a Redis.
///
/// It subscribes to Node's channels by a pattern and never to the channel of requests: servers
/// count by PUBSUB NUMSUB who must answer these, and a subscription by name would make all of
/// them wait for ours.
class redis_bridge final : public bridge_line {
 public:
  redis_bridge(bus_address address, bool claims)
      : address_(std::move(address)), claims_(claims) {}
  ~redis_bridge() override { close(); }
  redis_bridge(const redis_bridge&) = delete;
  redis_bridge& operator=(const redis_bridge&) = delete;

  [[nodiscard]] expected<void, std::string> connect(milliseconds patience) override;
  void close() override;
  void ping(std::string_view text) override;
  void claim(const std::string& key, const std::string& owner, milliseconds time) override;
  [[nodiscard]] expected<bridge_catch, std::string> pass(const bus_bell& bell,
                                                         milliseconds patience) override;

 private:
  void listen(bridge_catch& caught);
  [[nodiscard]] expected<void, std::string> hear_claims(bridge_catch& caught);

  bus_address address_;
  bool claims_;
  std::optional<redis_socket> listens_;
  std::optional<redis_socket> asks_;  ///< only where there are claims
  std::optional<std::string> failed_; ///< why the line is lost, until that is told
  std::string key_;                   ///< what it has claimed, and as whom
  std::string owner_;
};

} // namespace hubbub
