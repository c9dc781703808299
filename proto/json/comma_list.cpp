#include "proto/json/comma_list.hpp"

#include "proto/json/text.hpp"

#include <algorithm>

namespace hubbub {

std::vector<std::string> split_at_commas(std::string_view list) {
  std::vector<std::string> items;
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    items.emplace_back(trim(list.substr(0, end)));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return items;
}

} // namespace hubbub
