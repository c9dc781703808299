#include "proto/socket/socket_packet.hpp"

namespace hubbub {

std::string event_packet::name() const {
  const auto first = data.root().at(0);
  if (const auto text = first.string()) return std::string{*text};
  std::string digits;
  first.dump(digits);
  return digits;
}

bool event_packet::numeric_name() const {
  return data.root().at(0).is_number();
}

} // namespace hubbub
