#pragma once

#include "net/program/setting_table.hpp"

#include <vector>

namespace hubbub {

/// Adds the settings of tokens and API keys. Secrets are never shown.
void add_access_settings(std::vector<setting>& table);

} // namespace hubbub
