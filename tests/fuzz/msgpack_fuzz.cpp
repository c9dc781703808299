// What Node's programs publish on a Redis with arbitrary bytes: whoever may write to it can
// send them.
#include "proto/bridge/bridge_message.hpp"
#include "proto/bridge/msgpack.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"
#include "proto/limits.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

/// Checks that what is accepted is JSON, in UTF-8 and within the bounds, and that the arguments
/// of an event are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hubbub;
  using hubbub::test::require;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (const auto text = msgpack_to_json(bytes)) {
    require(valid_utf8(*text));
    require(json::parse(*text, max_json_depth).has_value());
  }
  if (const auto event = decode_emitter_message(bytes)) {
    require(!event->name.empty() && valid_utf8(event->name));
    require(event->args_json.size() <= max_bridge_json);
    require(json::parse('[' + event->args_json + ']', max_json_depth).has_value());
    require(event->to.size() <= max_bridge_targets && event->to_everybody == event->to.empty());
  }
  return 0;
}
