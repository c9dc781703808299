#include "net/http/http_target.hpp"

#include "proto/json/hex.hpp"
#include "proto/json/text.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {
namespace {

enum class plus : bool { is_plus, is_space };

std::optional<std::string> decode(std::string_view text, plus meaning) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && meaning == plus::is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (text.size() - i < 3) return {};
      const auto high = hex_digit(text[i + 1]);
      const auto low = hex_digit(text[i + 2]);
      if (!high || !low) return {};
      out += static_cast<char>(*high << 4U | *low);
      i += 2;
    }
  }
  if (out.find('\0') != std::string::npos || !valid_utf8(out)) return {};
  return out;
}

/// Decodes a path. It is split first, so that decoded text cannot end a segment.
std::optional<std::string> decode_path(std::string_view text) {
  auto decoded = decode(text, plus::is_plus);
  if (!decoded || text.find('%') == std::string_view::npos) return decoded;
  std::string path;
  path.reserve(text.size());
  for (bool more = true; more;) {
    const auto slash = text.find('/');
    for (const char c : decode(text.substr(0, slash), plus::is_plus).value_or("")) {
      if (c == '/')
        path += "%2F";
      else if (c == '%')
        path += "%25";
      else
        path += c;
    }
    more = slash != std::string_view::npos;
    if (more) {
      path += '/';
      text.remove_prefix(slash + 1);
    }
  }
  return path;
}

query_params decode_query(std::string_view text) {
  query_params params;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = decode(pair.substr(0, equals), plus::is_space);
    if (!name) continue; // no parameter of ours has such a name
    const auto raw = pair.substr(std::min(pair.size(), equals + 1));
    auto value = decode(raw, plus::is_space);
    const bool is_decoded = value.has_value();
    params.push_back(
        {std::move(*name), is_decoded ? std::move(*value) : std::string{raw}, is_decoded});
  }
  return params;
}

std::string_view without_authority(std::string_view target) {
  const auto scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return target;
  const auto path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? std::string_view{"/"} : target.substr(path);
}

} // namespace

std::optional<http_target> parse_target(std::string_view target) {
  target = without_authority(target);
  target = target.substr(0, target.find('#'));
  const auto mark = std::min(target.find('?'), target.size());
  auto path = decode_path(target.substr(0, mark));
  auto query = decode_query(target.substr(std::min(target.size(), mark + 1)));
  if (!path) return {};
  if (path->empty()) path->push_back('/');
  if (path->front() != '/' && *path != "*") return {};
  return http_target{std::move(*path), std::move(query)};
}

std::string segment_text(std::string_view segment) {
  return decode(segment, plus::is_plus).value_or(std::string{segment});
}

std::string_view find_param(const query_params& query, std::string_view name) {
  const auto found = std::ranges::find(query, name, &query_param::name);
  return found == query.end() ? std::string_view{} : std::string_view{found->value};
}

} // namespace hubbub
