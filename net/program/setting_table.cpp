#include "net/program/setting_table.hpp"

#include "net/http/cors.hpp"
#include "net/program/rate_setting.hpp"
#include "net/program/retention_setting.hpp"
#include "net/program/setting_builder.hpp"
#include "net/program/setting_table_access.hpp"
#include "net/program/setting_value.hpp"
#include "persistence/bus/bus_address.hpp"
#include "persistence/postgres/pg_address.hpp"
#include "proto/access/client_address.hpp"

#include <boost/asio/ip/address_v4.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <iterator>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace hubbub {
namespace {

using namespace setting_builder;

bool is_host(std::string_view text) {
  if (text.empty()) return true;
  // `999.1.1.1` is a mistake, not a name to look up.
  if (text.find_first_not_of("0123456789.") == std::string_view::npos) {
    boost::system::error_code bad;
    boost::asio::ip::make_address_v4(text, bad);
    return !bad;
  }
  return text.size() <= 255 && text.find_first_of(" \t\r\n/") == std::string_view::npos;
}

bool is_path(std::string_view text) {
  return !text.empty() && text.find('\0') == std::string_view::npos;
}

/// True for an empty value, and for one of the header (RFC 6797, 6.1) with known directives.
bool is_hsts(std::string_view value) {
  constexpr std::string_view age = "max-age=";
  if (value.empty()) return true;
  if (!value.starts_with(age)) return false;
  value.remove_prefix(age.size());
  const auto digits = std::min(value.find_first_not_of("0123456789"), value.size());
  if (digits == 0) return false;
  value.remove_prefix(digits);
  for (const std::string_view more : {"; includeSubDomains", "; preload"})
    if (value.starts_with(more)) value.remove_prefix(more.size());
  return value.empty();
}

/// Makes a setting that is a list of paths.
template <class Field>
setting files(setting_text what, Field field) {
  auto made = text(what, "paths of files, separated by commas", is_path_or_none, field);
  made.kind = "FILES";
  return made;
}

bool are_origins(std::string_view text) {
  if (text == "*") return true;
  while (true) {
    const auto comma = text.find(',');
    if (!parse_origin(text.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

/// The address itself is checked with the other settings, which can say what is wrong with it.
setting bus_setting(std::string_view group) {
  auto made = text(
      {group, "bus",
       "with node_id: tells other servers at once what this one wrote; postgres, or "
       "a Redis"},
      "postgres, or the address of a Redis such as redis://HOST:6379",
      [](std::string_view value) { return value.find('\0') == std::string_view::npos; },
      HUBBUB_FIELD(bus));
  // An address may contain a password.
  made.show = [](const hubbub_config& config) {
    const auto address = parse_bus_address(config.bus);
    return address ? shown(*address) : std::string{"a bus"};
  };
  made.has_secret = [](const hubbub_config& config) {
    const auto address = parse_bus_address(config.bus);
    return address && !address->password.empty();
  };
  return made;
}

setting listen_setting(std::string_view group) {
  return {group,
          "listen",
          "PLACES",
          "places such as 127.0.0.1:5005, [::1]:5005, *:8080 or unix:/run/hubbub.sock (an "
          "absolute path), separated by commas",
          "where to listen instead of at host and port",
          [](hubbub_config& config, std::string_view value) {
            auto places = parse_listen_places(value);
            if (!places) return false;
            config.server.listen = *std::move(places);
            return true;
          },
          [](const hubbub_config& config) { return to_string(config.server.listen); }};
}

setting socket_mode_setting(std::string_view group) {
  return {group,
          "socket_mode",
          "MODE",
          "permissions in octal, such as 660 or 666",
          "who may connect to a socket unix:PATH, as of a file",
          [](hubbub_config& config, std::string_view value) {
            unsigned mode = 0;
            const auto* const end = value.data() + value.size();
            const auto [stop, error] = std::from_chars(value.data(), end, mode, 8);
            if (value.empty() || stop != end || error != std::errc{} || mode > 0777)
              return false;
            config.server.socket_mode = mode;
            return true;
          },
          [](const hubbub_config& config) {
            std::array<char, 8> text{};
            const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(),
                                                    config.server.socket_mode, 8);
            return std::string{text.data(), end};
          }};
}

void add_network(std::vector<setting>& table) {
  constexpr auto group = "Network";
  auto host = text({group, "host", "address to listen on; empty or *: all, IPv6 and IPv4"},
                   "an address or a host name", is_host, HUBBUB_FIELD(server.host));
  host.set = [set = host.set](hubbub_config& config, std::string_view value) {
    return set(config, value == "*" ? "" : value);
  };
  table.push_back(std::move(host));
  table.push_back(number({group, "port", "port to listen on; 0 picks a free one"}, 0, 65535,
                         HUBBUB_FIELD(server.port)));
  table.push_back(listen_setting(group));
  table.push_back(socket_mode_setting(group));
  table.push_back(
      number_or_auto({group, "io_threads", "threads for connections; auto: one per core"}, 256,
                     HUBBUB_FIELD(server.io_threads)));
  table.push_back(text({group, "cors_origins", "origins whose pages may connect"},
                       "* or origins such as https://chat.example, https://*.example.com or "
                       "null, separated by commas",
                       are_origins, HUBBUB_FIELD(server.cors_origins)));
  table.push_back(truth({group, "cors_credentials",
                         "with cors_origins = *: let pages of every origin send credentials"},
                        HUBBUB_FIELD(server.cors_credentials)));
  table.push_back(
      {group, "trusted_proxies", "ADDRESSES",
       "addresses and blocks such as 127.0.0.1, 10.0.0.0/8 or fd00::/8, separated "
       "by commas",
       "proxies whose word on the client's address is taken",
       [](hubbub_config& config, std::string_view value) {
         auto blocks = parse_blocks(value);
         if (!blocks) return false;
         config.server.trusted_proxies = *std::move(blocks);
         return true;
       },
       [](const hubbub_config& config) { return to_string(config.server.trusted_proxies); }});
  table.push_back(duration({group, "header_timeout", "time to finish the head of a request"},
                           milliseconds{100}, 10 * one_minute,
                           HUBBUB_FIELD(server.header_timeout)));
  table.push_back(duration({group, "body_timeout", "time to finish the body of a request"},
                           milliseconds{100}, 10 * one_minute,
                           HUBBUB_FIELD(server.body_timeout)));
  table.push_back(duration({group, "idle_timeout", "time between requests of one connection"},
                           milliseconds{100}, one_day, HUBBUB_FIELD(server.idle_timeout)));
  table.push_back(duration(
      {group, "drain_delay", "from the signal to stop, and readiness gone, to the first close"},
      milliseconds{0}, one_day, HUBBUB_FIELD(drain_delay)));
  table.push_back(duration(
      {group, "drain_time", "after drain_delay: time over which the sessions are closed"},
      milliseconds{0}, one_day, HUBBUB_FIELD(drain_time)));
  // Beast throws if a single field is longer.
  constexpr std::int64_t longest_field = 65'536;
  table.push_back(number({group, "max_header_bytes", "bytes in the head of a request"}, 1'024,
                         longest_field, HUBBUB_FIELD(server.max_header_bytes)));
}

void add_tls(std::vector<setting>& table) {
  constexpr auto group = "TLS";
  table.push_back(
      files({group, "tls_cert",
             "PEM file: the certificate, then its chain; several, each for its names (SNI)"},
            HUBBUB_FIELD(server.tls_cert)));
  table.push_back(files({group, "tls_key", "PEM file: the certificate's key; as many"},
                        HUBBUB_FIELD(server.tls_key)));
  table.push_back(files({group, "tls_ocsp",
                         "an OCSP response in DER for each certificate, to be stapled; an item "
                         "may be empty"},
                        HUBBUB_FIELD(server.tls_ocsp)));
  table.push_back(text({group, "hsts", "Strict-Transport-Security of answers over TLS"},
                       "max-age=SECONDS, and perhaps ; includeSubDomains and ; preload",
                       is_hsts, HUBBUB_FIELD(server.hsts)));
  table.push_back(duration({group, "tls_handshake_timeout", "time to finish the TLS handshake"},
                           milliseconds{100}, 10 * one_minute,
                           HUBBUB_FIELD(server.tls_handshake_timeout)));
}

void add_protocol(std::vector<setting>& table) {
  constexpr auto group = "Protocol";
  const milliseconds shortest{10};
  table.push_back(duration({group, "ping_interval", "time between pings"}, shortest, one_day,
                           HUBBUB_FIELD(server.engine.ping_interval)));
  table.push_back(duration({group, "ping_timeout", "time to answer a ping"}, shortest, one_day,
                           HUBBUB_FIELD(server.engine.ping_timeout)));
  table.push_back(duration({group, "upgrade_timeout", "time to upgrade to WebSocket"}, shortest,
                           one_day, HUBBUB_FIELD(server.engine.upgrade_timeout)));
  table.push_back(duration({group, "connect_timeout", "time to join the first namespace"},
                           shortest, one_day, HUBBUB_FIELD(server.socket.connect_timeout)));
  table.push_back(
      duration({group, "attachments_timeout", "time for all binary attachments of a packet"},
               shortest, one_day, HUBBUB_FIELD(server.socket.attachments_timeout)));
  table.push_back(number({group, "max_payload",
                          "bytes of one message or request body; a POST of Engine.IO may have "
                          "1.5 times as many"},
                         1'000, one_gigabyte, HUBBUB_FIELD(server.engine.max_payload)));
  table.push_back(
      truth({group, "compression", "compress WebSocket messages for clients that offer it"},
            HUBBUB_FIELD(server.compression)));
  table.push_back(
      number({group, "compression_min_bytes", "bytes from which a message is compressed"}, 0,
             one_gigabyte, HUBBUB_FIELD(server.compression_min_bytes)));
  table.push_back(number({group, "max_attachments", "binary attachments of one packet"}, 0,
                         10'000, HUBBUB_FIELD(server.socket.limits.max_attachments)));
  table.push_back(number({group, "max_namespaces", "namespaces of one connection"}, 1, 1'000,
                         HUBBUB_FIELD(server.socket.max_namespaces)));
  table.push_back(number({group, "max_queue_bytes", "bytes one client may leave unread"},
                         10'000, one_gigabyte, HUBBUB_FIELD(server.max_queue_bytes)));
  table.push_back(
      number({group, "max_volatile_bytes", "bytes left unread from which typing is dropped"}, 0,
             one_gigabyte, HUBBUB_FIELD(server.max_volatile_bytes)));
}

void add_chat(std::vector<setting>& table) {
  constexpr auto group = "Chat";
  table.push_back(
      truth({group, "auto_create_rooms", "joining an unknown name creates the room"},
            HUBBUB_FIELD(chat.auto_create_rooms)));
  table.push_back(truth({group, "echo_to_sender", "senders get new_message beside the ack"},
                        HUBBUB_FIELD(chat.echo_to_sender)));
  table.push_back(
      truth({group, "open_edit", "messages may be edited though names are unproven"},
            HUBBUB_FIELD(chat.open_edit)));
  table.push_back(number(
      {group, "presence_threshold", "users from which a room tells joins and leaves together"},
      1, one_million, HUBBUB_FIELD(chat.presence_threshold)));
  table.push_back(duration({group, "presence_interval", "how often such a room tells them"},
                           milliseconds{10}, one_minute, HUBBUB_FIELD(chat.presence_interval)));
  table.push_back(duration({group, "typing_timeout", "time until typing ends by itself"},
                           milliseconds{10}, 10 * one_minute,
                           HUBBUB_FIELD(chat.typing_timeout)));
  table.push_back(duration({group, "room_linger", "time an empty room stays in memory"},
                           milliseconds{0}, one_day, HUBBUB_FIELD(chat.room_linger)));
}

/// Adds limits on what all clients together may have waiting, and may create.
void add_total_limits(std::vector<setting>& table) {
  constexpr auto group = "Limits";
  table.push_back(number({group, "max_rooms", "rooms in all"}, 1, 1'000 * one_million,
                         HUBBUB_FIELD(store.max_rooms)));
  table.push_back(number({group, "max_writes_per_thread",
                          "unstored messages, edits and markers of one I/O thread's rooms"},
                         1, one_million, HUBBUB_FIELD(chat.writes_per_thread)));
  table.push_back(number({group, "max_requests_per_room", "requests that wait in one room"}, 1,
                         one_million, HUBBUB_FIELD(chat.requests_per_room)));
  table.push_back(number({group, "max_connections_per_user", "connections of one user"}, 1,
                         one_million, HUBBUB_FIELD(chat.connections_per_user)));
  table.push_back(number({group, "max_lookups", "clients that wait for a room to be found"}, 1,
                         one_million, HUBBUB_FIELD(chat.lookups)));
  table.push_back(number({group, "max_claims", "clients that wait for their session"}, 1,
                         one_million, HUBBUB_FIELD(chat.claims)));
  table.push_back(
      number({group, "max_api_calls_per_thread", "unanswered HTTP requests of one I/O thread"},
             1, one_million, HUBBUB_FIELD(chat.api_calls_per_thread)));
}

void add_limits(std::vector<setting>& table) {
  constexpr auto group = "Limits";
  table.push_back(number({group, "max_room_name", "characters of a room's name"}, 1, 1'000,
                         HUBBUB_FIELD(chat.limits.room_name)));
  table.push_back(number({group, "max_username", "characters of a username"}, 1, 1'000,
                         HUBBUB_FIELD(chat.limits.username)));
  table.push_back(number({group, "max_content", "characters of a message"}, 1, one_million,
                         HUBBUB_FIELD(chat.limits.content)));
  table.push_back(number({group, "max_client_id", "characters of a client_id"}, 1, 1'000,
                         HUBBUB_FIELD(chat.limits.client_id)));
  table.push_back(number({group, "max_rooms_per_socket", "rooms one socket may be in"}, 1,
                         one_million, HUBBUB_FIELD(chat.limits.rooms_per_socket)));
  table.push_back(
      number({group, "max_requests_per_socket", "unanswered requests of one socket"}, 1,
             one_million, HUBBUB_FIELD(chat.requests_per_socket)));
  table.push_back(number({group, "max_members_per_room", "users in one room"}, 1, one_million,
                         HUBBUB_FIELD(chat.members_per_room)));
  table.push_back(number({group, "max_appends_per_room", "unstored messages of one room"}, 1,
                         one_million, HUBBUB_FIELD(chat.appends_per_room)));
  add_total_limits(table);
}

void add_storage(std::vector<setting>& table) {
  constexpr auto group = "Storage";
  table.push_back(text(
      {group, "db", "the database: a file, :memory:, or postgres://USER@HOST/NAME"},
      "the path of a file or the address of a PostgreSQL", is_path, HUBBUB_FIELD(store.path)));
  // An address may contain a password.
  table.back().show = [](const hubbub_config& config) {
    const auto& path = config.store.path;
    return pg::is_address(path) ? pg::shown(path) : path;
  };
  table.back().has_secret = [](const hubbub_config& config) {
    return pg::has_password(config.store.path);
  };
  table.push_back(
      number({group, "node_id",
              "this server's number among those that share a PostgreSQL; 0: it is alone"},
             0, max_node_id, HUBBUB_FIELD(store.node_id)));
  table.push_back(duration(
      {group, "head_poll", "with node_id: how often to look for what other servers wrote"},
      milliseconds{10}, one_minute, HUBBUB_FIELD(chat.head_poll)));
  table.push_back(duration(
      {group, "node_lease", "with node_id: how long the members of a silent server are kept"},
      milliseconds{3'000}, one_minute, HUBBUB_FIELD(chat.node_lease)));
  table.push_back(bus_setting(group));
  add_node_links(table);
  constexpr std::array<std::pair<std::string_view, durability>, 2> levels{{
      {"full", durability::full},
      {"normal", durability::normal},
  }};
  table.push_back(choice(
      {group, "durability", "full: what is acked survives loss of power; normal: a crash"},
      levels, +[](hubbub_config& config) -> durability& { return config.store.level; }));
  table.push_back(
      truth({group, "search", "false: a server on PostgreSQL keeps no search index"},
            HUBBUB_FIELD(store.search)));
  table.push_back(text({group, "search_index",
                        "the file of the search index of a server on PostgreSQL; empty: "
                        "hubbub-search.db"},
                       "the path of a file", is_path_or_none,
                       HUBBUB_FIELD(store.search_index)));
  table.push_back(duration({group, "recovery_window",
                            "how long after its connection ended a session can be recovered"},
                           milliseconds{1}, 30 * one_day, HUBBUB_FIELD(chat.recovery_window)));
  table.push_back(duration({group, "dedupe_window", "how long a client_id is remembered"},
                           one_second, 3650 * one_day, HUBBUB_FIELD(store.dedupe_window_ms)));
  table.push_back(
      {group, "retention", "RULES",
       "rules such as 30d, tmp-*=1h/1000 or vip=all, separated by commas",
       "how long messages are kept; the first rule that fits a room's name counts",
       [](hubbub_config& config, std::string_view value) {
         auto rules = parse_retention(value);
         if (!rules) return false;
         config.store.retention = *std::move(rules);
         return true;
       },
       [](const hubbub_config& config) { return show_retention(config.store.retention); }});
}

void add_logging(std::vector<setting>& table) {
  constexpr std::array<std::pair<std::string_view, log_level>, 6> levels{{
      {"trace", log_level::trace},
      {"debug", log_level::debug},
      {"info", log_level::info},
      {"warning", log_level::warning},
      {"error", log_level::error},
      {"off", log_level::off},
  }};
  table.push_back(choice(
      {"Logging", "log_level", "what is logged to standard error"}, levels,
      +[](hubbub_config& config) -> log_level& { return config.log; }));
  constexpr std::array<std::pair<std::string_view, log_format>, 2> formats{{
      {"text", log_format::text},
      {"json", log_format::json},
  }};
  table.push_back(choice(
      {"Logging", "log_format", "text: lines for people; json: an object a line, for programs"},
      formats, +[](hubbub_config& config) -> log_format& { return config.logged_as; }));
  table.push_back(number({"Logging", "access_log", "log one HTTP request in so many; 0: none"},
                         0, one_million, HUBBUB_FIELD(server.access_log)));
}

std::vector<setting> make_table() {
  std::vector<setting> table;
  add_network(table);
  add_tls(table);
  add_protocol(table);
  add_chat(table);
  add_limits(table);
  add_access_settings(table);
  add_connection_bounds(table);
  std::ranges::move(rate_settings_table(), std::back_inserter(table));
  add_storage(table);
  add_logging(table);
  add_bridge(table);
  add_recorder(table);
  add_upgrades(table);
  return table;
}

} // namespace

std::span<const setting> all_settings() {
  static const auto table = make_table();
  return table;
}

const setting* find_setting(std::string_view name) {
  const auto table = all_settings();
  const auto found = std::ranges::find(table, name, &setting::name);
  return found == table.end() ? nullptr : &*found;
}

std::string option_name(const setting& s) {
  std::string name{s.name};
  std::ranges::replace(name, '_', '-');
  return "--" + name;
}

std::string variable_name(const setting& s) {
  std::string name = "HUBBUB_";
  for (const char c : s.name)
    name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return name;
}

expected<void, std::string> apply_setting(hubbub_config& config, const setting& s,
                                          std::string_view source, std::string_view value) {
  if (s.set(config, value)) return {};
  return unexpected(std::string{source} + " takes " + s.takes + ", not '" + std::string{value} +
                    "'");
}

} // namespace hubbub
