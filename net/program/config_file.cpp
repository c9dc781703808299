#include "net/manual/nearest_name.hpp"
#include "net/program/config.hpp"
#include "net/program/setting_table.hpp"

#include <toml++/toml.h>

#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace hubbub {
namespace {

/// Returns a value as the command line would write it; nothing for types that no setting takes.
std::optional<std::string> value_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  const auto* list = node.as_array();
  if (list == nullptr) return std::nullopt;
  std::string joined;
  for (const auto& item : *list) {
    if (!item.is_string()) return std::nullopt;
    joined.append(joined.empty() ? "" : ",").append(item.as_string()->get());
  }
  return joined;
}

std::string what_is_wrong(const toml::parse_error& e) {
  std::ostringstream out;
  out << "line " << e.source().begin.line << ": " << e.description();
  return out.str();
}

std::vector<std::string> setting_names() {
  std::vector<std::string> names;
  for (const auto& each : all_settings())
    names.emplace_back(each.name);
  return names;
}

expected<void, std::string> apply_table(hubbub_config& config, const toml::table& table,
                                        const std::string& path) {
  for (const auto& [key, node] : table) {
    const auto name = std::string{key.str()};
    const auto source = std::string{name}.append(" in ").append(path);
    const auto* setting = find_setting(name);
    if (setting == nullptr)
      return unexpected(source + " is not a setting" + did_you_mean(name, setting_names()));
    const auto text = value_text(node);
    if (!text) return unexpected(source + " takes " + setting->takes);
    if (auto done = apply_setting(config, *setting, source, *text); !done) return done;
    if (setting->has_secret && setting->has_secret(config))
      config.secrets_in_file.push_back({name, path});
  }
  return {};
}

} // namespace

expected<void, std::string> apply_file(hubbub_config& config, const std::string& path) {
  if (std::filesystem::is_directory(path)) return unexpected(path + " is a folder, not a file");
  try {
    return apply_table(config, toml::parse_file(path), path);
  } catch (const toml::parse_error& e) {
    if (e.source().begin.line == 0) return unexpected("cannot read the file " + path);
    return unexpected(path + " is not TOML: " + what_is_wrong(e));
  }
}

} // namespace hubbub
