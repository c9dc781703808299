#include "net/program/agreed_settings.hpp"

#include "net/program/setting_table.hpp"

#include <array>

namespace hubbub {

std::span<const std::string_view> agreed_names() {
  using namespace std::string_view_literals;
  static constexpr std::array names{"ping_interval"sv,
                                    "ping_timeout"sv,
                                    "max_payload"sv,
                                    "max_attachments"sv,
                                    "auto_create_rooms"sv,
                                    "echo_to_sender"sv,
                                    "open_edit"sv,
                                    "presence_threshold"sv,
                                    "presence_interval"sv,
                                    "typing_timeout"sv,
                                    "max_room_name"sv,
                                    "max_username"sv,
                                    "max_content"sv,
                                    "max_client_id"sv,
                                    "max_rooms_per_socket"sv,
                                    "max_members_per_room"sv,
                                    "max_rooms"sv,
                                    "max_connections_per_user"sv,
                                    "jwt_issuer"sv,
                                    "jwt_audience"sv,
                                    "slow_reader_policy"sv,
                                    "rate_events_per_user"sv,
                                    "rate_joins_per_user"sv,
                                    "rate_bytes_per_user"sv,
                                    "rate_rooms_per_user"sv,
                                    "rate_events_per_socket"sv,
                                    "rate_joins_per_socket"sv,
                                    "node_lease"sv,
                                    "bus"sv,
                                    "durability"sv,
                                    "search"sv,
                                    "recovery_window"sv,
                                    "dedupe_window"sv,
                                    "retention"sv,
                                    "bridge"sv,
                                    "bridge_store"sv};
  return names;
}

std::string agreed_settings(const hubbub_config& config) {
  std::string lines;
  for (const auto name : agreed_names()) {
    const auto* found = find_setting(name);
    if (found == nullptr) continue;
    auto value = found->show(config);
    for (auto& c : value)
      if (c == '\n') c = ' ';
    lines.append(name).append("=").append(value).append("\n");
  }
  return lines;
}

} // namespace hubbub
