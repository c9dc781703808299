#include "net/forward/node_url.hpp"
#include "net/program/setting_builder.hpp"

#include <variant>

namespace hubbub {

using namespace setting_builder;

void add_node_links(std::vector<setting>& table) {
  constexpr auto group = "Storage";
  table.push_back(
      {group, "node_listen", "PLACE", "an address and a port, such as 10.0.0.2:6005 or *:6005",
       "with node_id: where other servers pass on requests for sessions of this one",
       [](hubbub_config& config, std::string_view value) {
         config.server.node_listen.reset();
         if (value.empty()) return true;
         const auto place = parse_listen_place(value);
         if (!place || is_local(*place)) return false;
         config.server.node_listen = std::get<tcp_place>(*place);
         return true;
       },
       [](const hubbub_config& config) {
         const auto& place = config.server.node_listen;
         return place ? to_string(listen_place{*place}) : std::string{};
       }});
  table.push_back(text(
      {group, "node_url", "how other servers reach node_listen; empty: at that address"},
      "http://HOST:PORT",
      [](std::string_view value) { return value.empty() || parse_node_url(value).has_value(); },
      HUBBUB_FIELD(node_url)));
  auto secret = text({group, "node_secret_file",
                      "with node_listen: a file with the secret that all servers have"},
                     "the path of a file", is_path_or_none, HUBBUB_FIELD(node_secret_file));
  secret.kind = "FILE";
  table.push_back(std::move(secret));
}

} // namespace hubbub
