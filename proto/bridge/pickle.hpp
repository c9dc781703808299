#pragma once

#include "proto/bridge/bridge_refusal.hpp"
#include "proto/expected.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// What a pickle holds, as JSON.
struct unpickled {
  std::string json;
  /// The names of those members of the object that are tuples, which JSON does not tell from
  /// lists.
  std::vector<std::string> tuples;
};

/// Reads a pickle of Python's protocols 2 to 5 that holds None, truth values, numbers, texts,
/// lists, tuples and dicts. Python's own reader does whatever a pickle says; this one knows no
/// instruction that names or calls anything, and refuses a pickle with another one. Bytes are
/// refused as binary. Values that nest deeper than `max_json_depth`, or in themselves, are
/// refused too.
[[nodiscard]] expected<unpickled, bridge_refusal> unpickle(std::string_view bytes);

} // namespace hubbub
