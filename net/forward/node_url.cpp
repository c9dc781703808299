#include "net/forward/node_url.hpp"

#include <variant>

namespace hubbub {
namespace {

constexpr std::string_view node_scheme = "http://";

} // namespace

std::optional<tcp_place> parse_node_url(std::string_view url) {
  if (!url.starts_with(node_scheme)) return {};
  url.remove_prefix(node_scheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  if (url.find_first_of("/?#@\\ ") != std::string_view::npos) return {};
  const auto place = parse_listen_place(url);
  if (!place || is_local(*place)) return {};
  auto named = std::get<tcp_place>(*place);
  if (named.host.empty() || named.port == 0) return {};
  return named;
}

std::string node_url_of(const tcp_place& place) {
  return std::string{node_scheme} + to_string(listen_place{place});
}

} // namespace hubbub
