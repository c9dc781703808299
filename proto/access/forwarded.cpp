#include "proto/access/forwarded.hpp"

#include "proto/json/text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace hubbub {
namespace {

constexpr std::string_view name_of_client = "for";

/// Removes the last element of a list and returns it. A `separator` within quotes does not
/// count.
std::string_view take_last(std::string_view& list, char separator) {
  bool quoted = false;
  for (auto at = list.size(); at-- > 0;) {
    if (list[at] == '"') quoted = !quoted;
    if (list[at] != separator || quoted) continue;
    const auto last = list.substr(at + 1);
    list = list.substr(0, at);
    return last;
  }
  return std::exchange(list, std::string_view{});
}

bool is_name_of_client(std::string_view name) {
  return std::ranges::equal(name, name_of_client, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Parses `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
std::optional<client_address> parse_node(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return {};
    const auto rest = text.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return {};
    return parse_address(text.substr(1, end - 1));
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    if (!is_port(text.substr(colon + 1))) return {};
    text = text.substr(0, colon);
  }
  return parse_address(text);
}

/// Parses the client's address in one element of a `Forwarded` header:
/// `for=192.0.2.1;proto=https`.
std::optional<client_address> parse_element(std::string_view element) {
  while (!element.empty()) {
    const auto pair = trim(take_last(element, ';'));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || !is_name_of_client(pair.substr(0, equals)))
      continue;
    auto value = pair.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return parse_node(value);
  }
  return {};
}

std::optional<client_address> parse_plain(std::string_view element) {
  return parse_node(trim(element));
}

} // namespace

client_address forwarded_client(const client_address& peer,
                                const std::vector<address_block>& trusted,
                                const std::vector<std::string_view>& x_forwarded_for,
                                const std::vector<std::string_view>& forwarded) {
  const auto is_trusted = [&](const client_address& address) {
    return std::ranges::any_of(trusted, [&](const auto& b) { return b.contains(address); });
  };
  const auto plain = !x_forwarded_for.empty();
  const auto& headers = plain ? x_forwarded_for : forwarded;
  auto client = peer;
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    for (auto rest = *header; !rest.empty();) {
      if (!is_trusted(client)) return client;
      const auto element = take_last(rest, ',');
      const auto next = plain ? parse_plain(element) : parse_element(element);
      if (!next) return client;
      client = *next;
    }
  }
  return client;
}

} // namespace hubbub
