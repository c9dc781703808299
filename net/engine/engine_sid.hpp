#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// Makes a new Engine.IO session's id: 128 unguessable bits, and the io thread that the session
/// lives on.
[[nodiscard]] std::string make_sid(std::size_t thread);

/// Returns the io thread that a sid names. Returns nothing for text that `make_sid` never
/// makes, and for a thread that is not below `threads`.
[[nodiscard]] std::optional<std::size_t> thread_of_sid(std::string_view sid,
                                                       std::size_t threads);

} // namespace hubbub
