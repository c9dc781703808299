#include "proto/socket/socket_packet.hpp"

namespace hubbub {

std::string event_packet::name() const {
  const auto first = data.root().at(0);
  if (const auto text = first.string()) return std::string{*text};
  std::string digits;
  first.dump(digits);
  return digits;
}

std::string event_packet::args_json() const {
  std::string text;
  json::writer out{text};
  out.begin_array();
  for (std::size_t i = 1; i < data.root().size(); ++i) {
    std::string each;
    data.root().at(i).dump(each);
    out.raw(each);
  }
  out.end_array();
  return text;
}

bool event_packet::numeric_name() const {
  return data.root().at(0).is_number();
}

} // namespace hubbub
