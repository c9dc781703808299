#include "proto/access/api_key_file.hpp"

#include "proto/json/hex.hpp"
#include "proto/json/text.hpp"
#include "proto/limits.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace hubbub {
namespace {

constexpr std::size_t hash_digits = 64;

std::optional<std::array<std::uint8_t, 32>> parse_hash(std::string_view digits) {
  std::array<std::uint8_t, 32> hash{};
  if (digits.size() != hash_digits) return std::nullopt;
  for (auto& byte : hash) {
    const auto* end = digits.data() + 2;
    const auto [stop, failure] = std::from_chars(digits.data(), end, byte, 16);
    if (failure != std::errc{} || stop != end) return std::nullopt;
    digits.remove_prefix(2);
  }
  return hash;
}

std::optional<api_key_record> parse_line(std::string_view line) {
  if (line.size() <= hash_digits) return std::nullopt;
  const auto hash = parse_hash(line.substr(line.size() - hash_digits));
  const auto before = line.substr(0, line.size() - hash_digits);
  if (!hash || (!before.ends_with(' ') && !before.ends_with('\t'))) return std::nullopt;
  const auto name = clean_name(before, chat_limits{}.username, "name");
  if (!name) return std::nullopt;
  return api_key_record{*name, *hash};
}

} // namespace

expected<api_key_list, std::string> parse_api_keys(std::string_view text) {
  api_key_list list;
  auto& keys = list.keys;
  for (int number = 1; !text.empty(); ++number) {
    const auto whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), whole.size() + 1));
    const auto line = valid_utf8(whole) ? trim(whole) : whole;
    if (line.empty() || line.starts_with('#')) continue;
    auto key = parse_line(line);
    const auto at = "line " + std::to_string(number);
    if (!key)
      list.ignored.push_back(at + " is ignored: it is not a name and 64 hexadecimal digits");
    else if (std::ranges::find(keys, key->name, &api_key_record::name) != keys.end())
      list.ignored.push_back(at + " is ignored: it repeats a name");
    else
      keys.push_back(std::move(*key));
    if (keys.size() > max_api_keys) return unexpected<std::string>("there are too many keys");
    if (list.ignored.size() > max_wrong_lines)
      return unexpected<std::string>("more than 100 lines are no keys");
  }
  if (keys.empty() && !list.ignored.empty())
    return unexpected("there is no key in it: " + list.ignored.front());
  return list;
}

std::string api_key_line(const api_key_record& key) {
  auto line = key.name + ' ';
  append_hex(line, key.hash);
  return line;
}

} // namespace hubbub
