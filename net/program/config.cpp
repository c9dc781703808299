#include "net/program/config.hpp"

#include "net/program/setting_table.hpp"

#include <unistd.h>

#include <algorithm>

namespace hubbub {
namespace {

constexpr std::string_view variable_prefix = "HUBBUB_";
constexpr std::string_view digits = "0123456789";

bool are_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

bool is_transport(std::string_view word) {
  return word == "tcp" || word == "udp" || word == "sctp";
}

/// True for an address of a Kubernetes Service: `tcp://10.96.0.17:5005`, `udp://[fd00::17]:53`.
bool is_service_address(std::string_view value) {
  const auto scheme = value.find("://");
  if (scheme == std::string_view::npos || !is_transport(value.substr(0, scheme))) return false;
  const auto authority = value.substr(scheme + 3);
  const auto colon = authority.rfind(':');
  return colon != std::string_view::npos && colon != 0 &&
         are_digits(authority.substr(colon + 1)) &&
         authority.find_first_not_of("0123456789abcdefABCDEF.:[]") == std::string_view::npos;
}

/// True for a variable of a Kubernetes Service: `HUBBUB_SERVICE_HOST`,
/// `HUBBUB_SERVICE_PORT_HTTP`, `HUBBUB_PORT_5005_TCP_ADDR`.
bool is_service_name(std::string_view name) {
  if (name.ends_with("_SERVICE_HOST") || name.find("_SERVICE_PORT") != std::string_view::npos)
    return true;
  for (const std::string_view part :
       {"_TCP_PROTO", "_TCP_PORT", "_TCP_ADDR", "_UDP_PROTO", "_UDP_PORT", "_UDP_ADDR",
        "_SCTP_PROTO", "_SCTP_PORT", "_SCTP_ADDR"}) {
    if (!name.ends_with(part)) continue;
    const auto before = name.substr(0, name.size() - part.size());
    const auto number = before.rfind('_');
    if (number != std::string_view::npos && are_digits(before.substr(number + 1)) &&
        before.substr(0, number).ends_with("_PORT"))
      return true;
  }
  return false;
}

bool is_setting(std::string_view name) {
  const auto table = all_settings();
  return std::ranges::find(table, name, variable_name) != table.end();
}

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

settings_text own_variables(settings_text variables, std::vector<std::string>& warnings) {
  std::string links;
  std::erase_if(variables, [&links](const settings_text::value_type& each) {
    const auto& [name, value] = each;
    if (value.empty()) return true;
    const bool is_link =
        is_service_address(value) || (is_service_name(name) && !is_setting(name));
    if (is_link) links.append(links.empty() ? "" : ", ").append(name);
    return is_link;
  });
  if (!links.empty())
    warnings.push_back("these variables are links to Services, made by Kubernetes "
                       "(enableServiceLinks), and no settings: " +
                       links);
  return variables;
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
