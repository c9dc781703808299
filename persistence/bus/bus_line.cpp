#include "persistence/bus/bus_line.hpp"

#include "persistence/bus/pg_line.hpp"
#include "persistence/bus/redis_line.hpp"

namespace hubbub {

std::unique_ptr<bus_line> make_bus_line(const bus_address& address,
                                        const std::string& database) {
  switch (address.kind) {
  case bus_kind::none: break;
  case bus_kind::postgres: return std::make_unique<pg_line>(database);
  case bus_kind::redis: return std::make_unique<redis_line>(address);
  }
  return nullptr;
}

} // namespace hubbub
