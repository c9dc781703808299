#pragma once

#include <string_view>

namespace hubbub {

/// The Socket.IO namespace in which the chat lives.
inline constexpr std::string_view chat_nsp = "/";

} // namespace hubbub
