#pragma once

namespace CLI { // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace hubbub {

/// Has the help of `app`, and of the commands that are added to it later, name the words that
/// an option takes, and leave out how the library writes its other checks
/// (`INT in [1 - 65535]`): the option's own words say what it takes.
void use_help_format(CLI::App& app);

} // namespace hubbub
