#pragma once

#include "net/hubbub_config.hpp"
#include "proto/expected.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Settings by name, from one source. The sources, weakest first, are a file, the environment
/// and the command line; each overwrites what it names. An error is one sentence that names the
/// setting and the values it takes.
using settings_text = std::map<std::string, std::string, std::less<>>;

/// Reads a TOML file whose top-level keys are settings; any other key is refused.
[[nodiscard]] expected<void, std::string> apply_file(hubbub_config& config,
                                                     const std::string& path);

/// Reads variables named `HUBBUB_PING_INTERVAL` and the like. A variable that begins with
/// `HUBBUB_` and is not a setting is skipped and reported in `warnings`.
[[nodiscard]] expected<void, std::string> apply_environment(hubbub_config& config,
                                                            const settings_text& variables,
                                                            std::vector<std::string>& warnings);

/// Returns those of the variables that can be ours. An empty one counts as not set. Kubernetes
/// gives every container links to the Services of its namespace; those to a Service named
/// `hubbub` look like settings (`HUBBUB_PORT=tcp://10.96.0.17:5005`). They are left out and
/// reported in `warnings`.
[[nodiscard]] settings_text own_variables(settings_text variables,
                                          std::vector<std::string>& warnings);

/// Returns the variables of this process that begin with `HUBBUB_`.
[[nodiscard]] settings_text hubbub_environment();

} // namespace hubbub
