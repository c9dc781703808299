#include "net/program/setting_builder.hpp"
#include "net/program/slow_reader_setting.hpp"

namespace hubbub {

using namespace setting_builder;

void add_connection_bounds(std::vector<setting>& table) {
  constexpr auto group = "Bounds";
  constexpr auto max_bytes = std::int64_t{1} << 50U;
  table.push_back(
      number_or_auto({group, "max_connections",
                      "open sockets, and as many sessions; auto: as descriptors allow"},
                     100 * one_million, HUBBUB_FIELD(server.bounds.max_connections)));
  table.push_back(number_or_auto(
      {group, "max_connections_per_address",
       "the same from one address (an IPv6 /64); auto: as many as in all"},
      100 * one_million, HUBBUB_FIELD(server.bounds.max_connections_per_address)));
  table.push_back(number({group, "max_accept_rate", "connections accepted in one second"}, 1,
                         100 * one_million, HUBBUB_FIELD(server.bounds.max_accept_rate)));
  table.push_back(number_or_auto(
      {group, "memory_limit",
       "bytes of resident memory from which nobody new is let in; auto: three quarters"},
      max_bytes, HUBBUB_FIELD(server.bounds.memory_limit)));
  table.push_back(number({group, "max_unconnected", "sessions that are in no namespace yet"}, 1,
                         100 * one_million, HUBBUB_FIELD(server.bounds.max_unconnected)));
  table.push_back(number({group, "max_headers", "header fields of a request"}, 10, 10'000,
                         HUBBUB_FIELD(server.bounds.max_headers)));
  table.push_back(number({group, "max_url_bytes", "bytes of a request's path and query"}, 1'024,
                         one_million, HUBBUB_FIELD(server.bounds.max_url_bytes)));
  table.push_back(number({group, "max_fragments", "fragments of one WebSocket message"}, 1,
                         100 * one_million, HUBBUB_FIELD(server.bounds.max_fragments)));
  table.push_back(
      number({group, "max_attachment_bytes", "bytes of all attachments of one packet together"},
             0, one_gigabyte, HUBBUB_FIELD(server.socket.limits.max_attachment_bytes)));
  table.push_back(
      {group, "slow_reader_policy", "RULES",
       "drop_volatile, disconnect, resync, or rules such as lobby-*=resync, separated by "
       "commas",
       "what a room does to a member that does not read; the first rule that fits counts",
       [](hubbub_config& config, std::string_view value) {
         auto rules = parse_slow_readers(value);
         if (!rules) return false;
         config.chat.slow_readers = *std::move(rules);
         return true;
       },
       [](const hubbub_config& config) {
         return show_slow_readers(config.chat.slow_readers);
       }});
}

} // namespace hubbub
