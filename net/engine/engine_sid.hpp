#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// A new Engine.IO session's id: 128 bits nobody can guess, and the io thread it lives on.
[[nodiscard]] std::string make_sid(std::size_t thread);

/// The io thread that a sid names; empty for what `make_sid` never gives, and for a thread that
/// is not below `threads`.
[[nodiscard]] std::optional<std::size_t> thread_of_sid(std::string_view sid,
                                                       std::size_t threads);

} // namespace hubbub
