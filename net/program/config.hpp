#pragma once

#include "net/hubbub_config.hpp"
#include "proto/expected.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Where values come from, weakest first: a file, the environment, the command line. Each
/// overwrites what it names. The error is one sentence that names the setting and what it
/// takes.
using settings_text = std::map<std::string, std::string, std::less<>>;

/// Reads a TOML file whose top-level keys are settings; any other key is refused.
[[nodiscard]] expected<void, std::string> apply_file(hubbub_config& config,
                                                     const std::string& path);

/// Reads variables named `HUBBUB_PING_INTERVAL` and the like. What begins with `HUBBUB_` and is
/// no setting is left alone and told in `warnings`.
[[nodiscard]] expected<void, std::string> apply_environment(hubbub_config& config,
                                                            const settings_text& variables,
                                                            std::vector<std::string>& warnings);

/// What of these variables can be ours. An empty one counts as not set. Kubernetes gives every
/// container links to the Services of its namespace: those to one named `hubbub` are called
/// like settings (`HUBBUB_PORT=tcp://10.96.0.17:5005`); they are left out and told in
/// `warnings`.
[[nodiscard]] settings_text own_variables(settings_text variables,
                                          std::vector<std::string>& warnings);

/// The variables of this process that begin with `HUBBUB_`.
[[nodiscard]] settings_text hubbub_environment();

} // namespace hubbub
