#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// A setting whose value differs between two nodes.
struct setting_difference {
  std::string name;
  std::string here;
  std::string there;
};

/// Compares the settings of two nodes, each with a line `NAME=VALUE` for every setting. One
/// that only one of them names, as nodes of different versions do, is no difference.
[[nodiscard]] std::vector<setting_difference> differences(std::string_view here,
                                                          std::string_view there);

} // namespace hubbub
