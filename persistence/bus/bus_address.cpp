#include "persistence/bus/bus_address.hpp"

#include "proto/json/hex.hpp"

#include <charconv>
#include <optional>

namespace hubbub {
namespace {

constexpr std::string_view scheme = "redis://";
constexpr std::size_t longest_host = 255;

/// What may be wrong with an address.
enum class address_fault : std::uint8_t {
  malformed,
  has_tls, ///< it is `rediss://`
};

constexpr auto for_example = "the address of a Redis such as redis://redis.example:6379 or "
                             "redis://USER:PASSWORD@HOST:PORT/DATABASE";

/// Returns the beginning of the sentence that says why `setting` cannot be `rediss://`. The
/// caller adds what else can be done.
std::string no_tls(std::string_view setting) {
  return std::string{setting} +
         " cannot be rediss://, since Debian 12's hiredis, by which Hubbub talks to Redis, "
         "has no TLS: name a redis:// in a network that nobody else can read, ";
}

/// Decodes `%XX`; returns nothing if a percent sign has no two digits, or stands for a NUL.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low || *high + *low == 0) return std::nullopt;
    out += static_cast<char>(*high << 4U | *low);
    i += 2;
  }
  return out;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Reads `[USER]:PASSWORD`, or a password alone, as other Redis clients do.
bool read_login(std::string_view text, bus_address& to) {
  const auto colon = text.find(':');
  const auto user = percent_decoded(colon == std::string_view::npos ? std::string_view{}
                                                                    : text.substr(0, colon));
  const auto password =
      percent_decoded(colon == std::string_view::npos ? text : text.substr(colon + 1));
  if (!user || !password || password->empty()) return false;
  to.user = *user;
  to.password = *password;
  return true;
}

/// Reads `HOST[:PORT]`; an IPv6 address stands in brackets.
bool read_place(std::string_view text, bus_address& to) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    to.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else {
    const auto colon = text.find(':');
    to.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (to.host.empty() || to.host.size() > longest_host ||
      to.host.find_first_of(" \t\r\n/[]") != std::string::npos)
    return false;
  if (port.empty()) return true;
  port.remove_prefix(1);
  if (text.starts_with('[') && text[text.find(']') + 1] != ':') return false;
  const auto* const end = port.data() + port.size();
  const auto [stop, error] = std::from_chars(port.data(), end, to.port);
  return is_number(port) && error == std::errc{} && stop == end && to.port != 0;
}

/// Reads the address of a Redis, or none from an empty text.
expected<bus_address, address_fault> read_address(std::string_view text) {
  bus_address made;
  if (text.empty()) return made;
  const auto malformed = [] { return unexpected(address_fault::malformed); };
  if (text.starts_with("rediss://")) return unexpected(address_fault::has_tls);
  if (!text.starts_with(scheme)) return malformed();
  text.remove_prefix(scheme.size());
  if (text.find('\0') != std::string_view::npos) return malformed();
  made.kind = bus_kind::redis;
  // A password may hold anything but a slash, so the host begins after the last @.
  const auto slash = text.find('/');
  auto place = text.substr(0, slash);
  if (const auto at = place.rfind('@'); at != std::string_view::npos) {
    if (!read_login(place.substr(0, at), made)) return malformed();
    place.remove_prefix(at + 1);
  }
  if (!read_place(place, made)) return malformed();
  if (slash != std::string_view::npos && slash + 1 < text.size()) {
    made.database = text.substr(slash + 1);
    if (!is_number(made.database)) return malformed();
  }
  return made;
}

} // namespace

expected<bus_address, std::string> parse_bus_address(std::string_view text) {
  bus_address made;
  if (text == "postgres") {
    made.kind = bus_kind::postgres;
    return made;
  }
  return read_address(text).map_error([](address_fault why) {
    return why == address_fault::has_tls
               ? no_tls("bus") + "put stunnel between, or use bus = postgres"
               : "bus is postgres, or " + std::string{for_example};
  });
}

expected<bus_address, std::string> parse_bridge_address(std::string_view text) {
  return read_address(text).map_error([](address_fault why) {
    return why == address_fault::has_tls ? no_tls("bridge") + "or put stunnel between"
                                         : "bridge is " + std::string{for_example};
  });
}

std::string shown(const bus_address& address) {
  switch (address.kind) {
  case bus_kind::none: return "";
  case bus_kind::postgres: return "postgres";
  case bus_kind::redis: break;
  }
  std::string text{scheme};
  if (!address.user.empty()) text += address.user + "@";
  const bool is_v6 = address.host.find(':') != std::string::npos;
  text += is_v6 ? "[" + address.host + "]" : address.host;
  text += ":" + std::to_string(address.port);
  if (!address.database.empty()) text += "/" + address.database;
  return text;
}

} // namespace hubbub
