#include "net/compression/deflate_offer.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hubbub::test::require;

/// Takes lines as values of `Sec-WebSocket-Extensions`. The accepted offer is the first that is
/// acceptable by itself, and nothing in it is made up by the client.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hubbub;
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  std::vector<std::string_view> values;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    values.push_back(line);
  }
  const auto chosen = choose_deflate_offer(values);
  std::optional<deflate_offer> first;
  for (const auto value : values)
    if (!first) first = choose_deflate_offer({value});
  require(chosen.has_value() == first.has_value());
  if (!chosen) return 0;
  require(chosen->client_window == first->client_window &&
          chosen->names_window == first->names_window);

  const auto& window = chosen->client_window;
  require(window.size() <= 2 && window.find_first_not_of("0123456789") == std::string::npos);
  // What is agreed to can be offered again.
  std::string agreed = "permessage-deflate";
  if (!window.empty()) agreed += "; client_max_window_bits=" + window;
  const auto again = choose_deflate_offer({agreed});
  require(again && again->client_window == window);
  return 0;
}
