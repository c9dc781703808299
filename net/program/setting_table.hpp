#pragma once

#include "net/program/config.hpp"
#include "proto/expected.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace hubbub {

/// One setting: what the command line, the environment, the file, `--help` and
/// docs/operations.md know of it.
struct setting {
  std::string_view group; ///< a heading of `--help`
  std::string_view name;  ///< as in the file: `ping_interval`
  std::string_view kind;  ///< a word for its values: `NUMBER`
  std::string takes;      ///< its values in words: `a whole number from 0 to 65535`
  std::string_view help;
  std::function<bool(hubbub_config&, std::string_view)> set; ///< false: not a value for it
  std::function<std::string(const hubbub_config&)> show;     ///< as `set` reads it
};

/// All of them, in the order of `--help`.
[[nodiscard]] std::span<const setting> all_settings();

/// Null if there is none of this name.
[[nodiscard]] const setting* find_setting(std::string_view name);

/// `--ping-interval`
[[nodiscard]] std::string option_name(const setting& s);
/// `HUBBUB_PING_INTERVAL`
[[nodiscard]] std::string variable_name(const setting& s);

/// Sets it; `source` is what the user would look for (`--port`, `port in hubbub.toml`).
[[nodiscard]] expected<void, std::string> apply_setting(hubbub_config& config, const setting& s,
                                                        std::string_view source,
                                                        std::string_view value);

} // namespace hubbub
