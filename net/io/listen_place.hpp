#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hubbub {

/// A port of an address or of all addresses.
struct tcp_place {
  std::string host; ///< empty: all addresses
  std::uint16_t port = 0;
  auto operator<=>(const tcp_place&) const = default;
};
/// A socket in the file system, for programs on this machine.
struct unix_place {
  std::string path;
  auto operator<=>(const unix_place&) const = default;
};
/// Where a server listens.
using listen_place = std::variant<tcp_place, unix_place>;

/// True for a socket in the file system.
[[nodiscard]] inline bool is_local(const listen_place& place) {
  return std::holds_alternative<unix_place>(place);
}

/// True for a host that stands for all addresses of the machine.
[[nodiscard]] bool is_everywhere(const std::string& host);
/// True if two places cannot be listened at together, as far as their names tell. A port of 0
/// is any free one.
[[nodiscard]] bool overlap(const tcp_place& one, const tcp_place& other);

/// Parses `unix:/run/hubbub.sock`, `192.0.2.1:5005`, `[::1]:5005`, `chat.example:5005` or
/// `*:5005`.
[[nodiscard]] std::optional<listen_place> parse_listen_place(std::string_view text);
/// Formats a place in the notation that `parse_listen_place` reads.
[[nodiscard]] std::string to_string(const listen_place& place);

/// Returns how clients reach a place: `http://HOST:PORT` or `https://…`, with `localhost` for
/// all addresses, or `unix:PATH`.
[[nodiscard]] std::string url_of(const listen_place& place, bool is_secure);

/// Parses places separated by commas. Empty text is an empty list.
[[nodiscard]] std::optional<std::vector<listen_place>>
parse_listen_places(std::string_view text);
[[nodiscard]] std::string to_string(const std::vector<listen_place>& places);

} // namespace hubbub
