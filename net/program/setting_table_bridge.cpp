#include "net/program/setting_builder.hpp"
#include "persistence/bus/bus_address.hpp"
#include "proto/socket/socket_packet.hpp"

namespace hubbub {
namespace {

using namespace setting_builder;

/// Reads names of events, separated by commas.
std::optional<std::vector<std::string>> parse_events(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const auto name = text.substr(0, end);
    if (name.empty() || name.find('\0') != std::string_view::npos || is_library_event(name))
      return std::nullopt;
    names.emplace_back(name);
    if (end == text.size()) break;
    text.remove_prefix(end + 1);
    if (text.empty()) return std::nullopt;
  }
  return names;
}

std::string show_events(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names)
    text.append(text.empty() ? "" : ",").append(name);
  return text;
}

} // namespace

/// The address itself is checked with the other settings, which can say what is wrong with it.
void add_bridge(std::vector<setting>& table) {
  constexpr auto group = "Bridge";
  table.push_back(text({group, "bridge",
                        "a Redis on which programs publish events for clients, as with "
                        "@socket.io/redis-emitter"},
                       "the address of a Redis such as redis://HOST:6379", is_path_or_none,
                       HUBBUB_FIELD(bridge)));
  // An address may contain a password.
  table.back().show = [](const hubbub_config& config) {
    const auto address = parse_bridge_address(config.bridge);
    return address ? shown(*address) : std::string{"a Redis"};
  };
  table.back().has_secret = [](const hubbub_config& config) {
    const auto address = parse_bridge_address(config.bridge);
    return address && !address->password.empty();
  };
  table.push_back(
      {group, "bridge_store", "EVENTS",
       "names of events, separated by commas, such as new_message,notice",
       "with bridge: those events become messages of their rooms",
       [](hubbub_config& config, std::string_view value) {
         auto names = parse_events(value);
         if (!names) return false;
         config.bridge_store = *std::move(names);
         return true;
       },
       [](const hubbub_config& config) { return show_events(config.bridge_store); }});
}

} // namespace hubbub
