#include "net/io/listen_place.hpp"

#include <boost/asio/ip/address.hpp>
#include <sys/un.h>

#include <charconv>

namespace hubbub {
namespace {

constexpr std::string_view unix_prefix = "unix:";
/// The longest path that a socket can have, without the zero at its end.
constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path) - 1;

std::optional<listen_place> parse_unix_place(std::string_view path) {
  const bool is_path = path.starts_with('/') && !path.ends_with('/') &&
                       path.size() <= longest_path && path.find('\0') == std::string_view::npos;
  if (!is_path) return std::nullopt;
  return unix_place{std::string{path}};
}

} // namespace

bool is_everywhere(const std::string& host) {
  boost::system::error_code no_address;
  const auto address = boost::asio::ip::make_address(host, no_address);
  return host.empty() || (!no_address && address.is_unspecified());
}

bool overlap(const tcp_place& one, const tcp_place& other) {
  return one.port != 0 && one.port == other.port &&
         (one.host == other.host || is_everywhere(one.host) || is_everywhere(other.host));
}

std::optional<listen_place> parse_listen_place(std::string_view text) {
  if (text.starts_with(unix_prefix)) return parse_unix_place(text.substr(unix_prefix.size()));
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  if (digits.empty() || stop != end || error != std::errc{}) return std::nullopt;
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return std::nullopt; // without brackets it is unclear where the port begins
  if (host.empty() || host.find_first_of(" \t\r\n/[]") != std::string_view::npos)
    return std::nullopt;
  return tcp_place{host == "*" ? "" : std::string{host}, port};
}

std::string to_string(const listen_place& place) {
  if (const auto* const file = std::get_if<unix_place>(&place))
    return std::string{unix_prefix} + file->path;
  const auto& [host, port] = std::get<tcp_place>(place);
  const bool is_v6 = host.find(':') != std::string::npos;
  const auto shown = host.empty() ? "*" : is_v6 ? "[" + host + "]" : host;
  return shown + ":" + std::to_string(port);
}

std::string url_of(const listen_place& place, bool is_secure) {
  if (std::holds_alternative<unix_place>(place)) return to_string(place);
  auto [host, port] = std::get<tcp_place>(place);
  if (is_everywhere(host)) host = "localhost";
  return (is_secure ? "https://" : "http://") + to_string(listen_place{tcp_place{host, port}});
}

std::optional<std::vector<listen_place>> parse_listen_places(std::string_view text) {
  std::vector<listen_place> places;
  while (!text.empty()) {
    const auto comma = text.find(',');
    auto place = parse_listen_place(text.substr(0, comma));
    if (!place) return std::nullopt;
    places.push_back(*std::move(place));
    if (comma == std::string_view::npos) return places;
    text.remove_prefix(comma + 1);
    if (text.empty()) return std::nullopt;
  }
  return places;
}

std::string to_string(const std::vector<listen_place>& places) {
  std::string out;
  for (const auto& each : places)
    out.append(out.empty() ? "" : ",").append(to_string(each));
  return out;
}

} // namespace hubbub
