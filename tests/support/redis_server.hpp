#pragma once

#include "tests/support/server_script.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>

namespace hubbub::test {

/// A Redis of a test's own, which ends with it.
class redis_server {
 public:
  redis_server() {
    if (script_.first_line().empty())
      throw std::runtime_error("no Redis: install the package redis-server");
  }
  [[nodiscard]] std::uint16_t port() const {
    return static_cast<std::uint16_t>(std::stoi(script_.first_line()));
  }

 private:
  server_script script_{"redis_server.sh", {}};
};

} // namespace hubbub::test
