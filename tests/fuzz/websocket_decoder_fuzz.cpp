#include "proto/json/text.hpp"
#include "proto/websocket/websocket_decoder.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

using namespace hubbub;

namespace {

constexpr std::size_t longest_control = 125;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Everything that was decoded, as one text; ended by the error, if there is one.
struct reading {
  explicit reading(const websocket_limits& its_limits)
      : limits(its_limits), decoder(its_limits) {}

  /// Feeds bytes; false after an error or a close.
  bool feed(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto before = bytes.size();
      auto fed = decoder.feed(bytes);
      if (!fed) {
        heard += "error " + std::to_string(close_code_of(fed.error()));
        return false;
      }
      require(bytes.size() < before && (*fed || bytes.empty()));
      require(decoder.held() <= 2 * limits.max_message + 64 + longest_control);
      if (*fed && !std::visit([this](const auto& input) { return add(input); }, **fed))
        return false;
    }
    return true;
  }

  bool add(const websocket_message& said) {
    require(said.compressed || said.data.size() <= limits.max_message);
    require(limits.compression || !said.compressed);
    require(said.binary || said.compressed || valid_utf8(said.data));
    heard += (said.binary ? "binary " : "text ") + said.data + '\n';
    return true;
  }
  bool add(const websocket_ping& asked) {
    require(asked.data.size() <= longest_control);
    heard += "ping " + asked.data + '\n';
    return true;
  }
  bool add(const websocket_close& over) {
    heard += "close " + std::to_string(over.code.value_or(0));
    return false;
  }

  websocket_limits limits;
  websocket_decoder decoder;
  std::string heard;
};

} // namespace

/// Checks that what is decoded keeps to the limits and does not depend on where the bytes are
/// cut. The first byte says whether there is compression, the others are a client's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const websocket_limits limits{
      .max_message = 300, .max_fragments = 3, .compression = (data[0] & 1U) != 0};
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  reading whole{limits};
  whole.feed(bytes);

  reading cut{limits};
  for (std::size_t at = 0; at < bytes.size(); at += 1 + at % 7)
    if (!cut.feed(bytes.substr(at, 1 + at % 7))) break;
  require(whole.heard == cut.heard);
  return 0;
}
