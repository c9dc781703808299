#include "net/program/setting_table_access.hpp"

#include "net/program/setting_value.hpp"

#include <chrono>
#include <utility>

namespace hubbub {
namespace {

constexpr std::string_view group = "Access";
constexpr std::chrono::milliseconds max_leeway{600'000};

setting text_setting(std::string_view name, std::string_view kind, std::string_view help,
                     std::string auth_config::*field) {
  return {group,
          name,
          kind,
          kind == "FILE"    ? "the path of a file"
          : kind == "FILES" ? "paths of files, separated by commas"
                            : "text",
          help,
          [field](hubbub_config& config, std::string_view text) {
            config.auth.*field = std::string{text};
            return true;
          },
          [field](const hubbub_config& config) { return config.auth.*field; }};
}

setting secret_setting(std::string_view name, std::string_view help,
                       std::string auth_config::*field) {
  auto made = text_setting(name, "SECRET", help, field);
  made.show = [field](const hubbub_config& config) {
    return std::string{(config.auth.*field).empty() ? "" : "(not shown)"};
  };
  made.has_secret = [field](const hubbub_config& config) {
    return !(config.auth.*field).empty();
  };
  return made;
}

setting leeway_setting() {
  return {group,
          "jwt_leeway",
          "DURATION",
          "a duration from 0ms to " + show_duration(max_leeway) + ", such as 30s",
          "how much the clock of whoever makes tokens may differ",
          [](hubbub_config& config, std::string_view text) {
            const auto value = parse_duration(text);
            if (!value || *value > max_leeway) return false;
            config.auth.jwt_leeway = *value;
            return true;
          },
          [](const hubbub_config& config) { return show_duration(config.auth.jwt_leeway); }};
}

} // namespace

void add_access_settings(std::vector<setting>& table) {
  table.push_back(secret_setting(
      "jwt_secret",
      "a secret of at least 32 bytes: users come with tokens signed with it (HS256); better in "
      "a file, or in the environment",
      &auth_config::jwt_secret));
  table.push_back(text_setting("jwt_secret_file", "FILE", "the same in a file",
                               &auth_config::jwt_secret_file));
  table.push_back(text_setting(
      "jwt_public_key", "FILES",
      "public keys in PEM (RS256, ES256, EdDSA) of whoever signs tokens, with commas between",
      &auth_config::jwt_public_key));
  table.push_back(text_setting(
      "jwks", "FILE", "the same as a JSON key set; SIGHUP reads it again", &auth_config::jwks));
  table.push_back(text_setting("jwt_issuer", "TEXT", "take no token but with this 'iss'",
                               &auth_config::jwt_issuer));
  table.push_back(text_setting("jwt_audience", "TEXT", "take no token but with this 'aud'",
                               &auth_config::jwt_audience));
  table.push_back(leeway_setting());
  table.push_back(text_setting(
      "api_key_file", "FILE",
      "names and hashes of the keys of servers that use the HTTP API (hubbub api-key new)",
      &auth_config::api_key_file));
}

} // namespace hubbub
