#pragma once

#include "persistence/bus/bus_line.hpp"
#include "persistence/bus/redis_socket.hpp"

#include <optional>

namespace hubbub {

/// A bus over publish and subscribe of a Redis. It has two connections, since one that
/// subscribes can do nothing else.
class redis_line final : public bus_line {
 public:
  explicit redis_line(bus_address address) : address_(std::move(address)) {}

  [[nodiscard]] expected<void, std::string> connect(milliseconds patience) override;
  void close() override;
  void subscribe(const std::string& channel) override;
  void unsubscribe(const std::string& channel) override;
  bool publish(const std::string& channel, std::string_view text) override;
  [[nodiscard]] expected<bus_catch, std::string> pass(const bus_bell& bell,
                                                      milliseconds patience) override;

 private:
  void listen(bus_catch& caught);
  [[nodiscard]] expected<void, std::string> check_answers();

  bus_address address_;
  std::optional<redis_socket> listens_;
  std::optional<redis_socket> speaks_;
  std::optional<std::string> failed_; ///< why the line is lost, until that is told
};

} // namespace hubbub
