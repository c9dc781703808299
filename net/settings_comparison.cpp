#include "net/settings_comparison.hpp"

#include <algorithm>
#include <map>

namespace hubbub {

namespace {

using values = std::map<std::string_view, std::string_view>;

values read(std::string_view lines) {
  values found;
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    if (const auto at = line.find('='); at != std::string_view::npos)
      found.emplace(line.substr(0, at), line.substr(at + 1));
  }
  return found;
}

} // namespace

std::vector<setting_difference> differences(std::string_view here, std::string_view there) {
  std::vector<setting_difference> all;
  const auto theirs = read(there);
  for (const auto& [name, value] : read(here)) {
    const auto other = theirs.find(name);
    if (other != theirs.end() && other->second != value)
      all.push_back({std::string{name}, std::string{value}, std::string{other->second}});
  }
  return all;
}

} // namespace hubbub
