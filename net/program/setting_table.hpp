#pragma once

#include "net/program/config.hpp"
#include "proto/expected.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace hubbub {

/// One setting, as the command line, the environment, the file, `--help` and docs/settings.md
/// use it.
struct setting {
  std::string_view group; ///< a heading of `--help`
  std::string_view name;  ///< the name in the file: `ping_interval`
  std::string_view kind;  ///< a word for its values: `NUMBER`
  std::string takes;      ///< its values in words: `a whole number from 0 to 65535`
  std::string_view help;
  /// Sets the value; false if the text is not a value for it.
  std::function<bool(hubbub_config&, std::string_view)> set;
  /// Returns the value in the notation that `set` reads.
  std::function<std::string(const hubbub_config&)> show;
  /// Returns true if the value is a secret, or contains one; null for a setting that never
  /// does.
  std::function<bool(const hubbub_config&)> has_secret = nullptr;
};

/// Returns all settings, in the order of `--help`.
[[nodiscard]] std::span<const setting> all_settings();

/// Returns the setting of this name; null if there is none.
[[nodiscard]] const setting* find_setting(std::string_view name);

/// Returns the option of the command line: `--ping-interval`.
[[nodiscard]] std::string option_name(const setting& s);
/// Returns the environment variable: `HUBBUB_PING_INTERVAL`.
[[nodiscard]] std::string variable_name(const setting& s);

/// Sets a value; `source` is where the user would look for it (`--port`, `port in
/// hubbub.conf`).
[[nodiscard]] expected<void, std::string> apply_setting(hubbub_config& config, const setting& s,
                                                        std::string_view source,
                                                        std::string_view value);

} // namespace hubbub
