#include "net/embed/json_args.hpp"

#include "proto/json/json.hpp"
#include "proto/json/text.hpp"
#include "proto/limits.hpp"
#include "proto/own_event.hpp"
#include "proto/socket/socket_packet.hpp"

namespace hubbub {

std::optional<std::string> joined_args(std::string_view array) {
  if (!valid_utf8(array)) return std::nullopt;
  const auto parsed = json::parse(array, max_json_depth);
  if (!parsed || !parsed->root().is_array()) return std::nullopt;
  return joined_items(parsed->root());
}

bool is_event_name(std::string_view name) {
  return !name.empty() && valid_utf8(name) && !has_control(name) && !is_library_event(name);
}

} // namespace hubbub
