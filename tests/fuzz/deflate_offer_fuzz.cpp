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
/// acceptable by itself, and its text contains nothing that the client could have made up.
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
  require(chosen->text == first->text && chosen->names_window == first->names_window);

  constexpr std::string_view plain = "permessage-deflate";
  constexpr std::string_view asks = "; client_max_window_bits";
  std::string_view text = chosen->text;
  require(text.starts_with(plain));
  text.remove_prefix(plain.size());
  if (!text.empty()) {
    require(text.starts_with(asks));
    text.remove_prefix(asks.size());
  }
  require(text.empty() || (text.starts_with("=") && text.size() <= 3 &&
                           text.find_first_not_of("0123456789", 1) == std::string_view::npos));
  // It can be accepted again as it stands.
  const auto again = choose_deflate_offer({chosen->text});
  require(again && again->text == chosen->text);
  return 0;
}
