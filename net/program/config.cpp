#include "net/program/config.hpp"

#include "net/program/setting_table.hpp"

#include <unistd.h>

#include <algorithm>

namespace hubbub {
namespace {

constexpr std::string_view variable_prefix = "HUBBUB_";

} // namespace

expected<void, std::string> apply_environment(hubbub_config& config,
                                              const settings_text& variables,
                                              std::vector<std::string>& warnings) {
  for (const auto& [name, value] : variables) {
    const auto table = all_settings();
    const auto found = std::ranges::find(table, name, variable_name);
    if (found == table.end()) {
      warnings.push_back("the variable " + name + " is no setting and does nothing");
      continue;
    }
    if (auto done = apply_setting(config, *found, name, value); !done) return done;
  }
  return {};
}

settings_text hubbub_environment() {
  settings_text variables;
  for (auto** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || !text.starts_with(variable_prefix)) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

} // namespace hubbub
