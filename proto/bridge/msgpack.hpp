#pragma once

#include "proto/bridge/bridge_refusal.hpp"
#include "proto/expected.hpp"

#include <string>
#include <string_view>

namespace hubbub {

/// Rewrites one value of MessagePack, with nothing after it, as JSON. Points in time (the
/// extension -1) become text. Bytes are refused, and so are other extensions, names of members
/// that are neither text nor whole numbers, and what nests deeper than `max_json_depth`.
[[nodiscard]] expected<std::string, bridge_refusal> msgpack_to_json(std::string_view bytes);

} // namespace hubbub
