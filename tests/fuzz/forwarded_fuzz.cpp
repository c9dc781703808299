#include "proto/access/forwarded.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

using hubbub::test::require;

/// Takes lines as headers of either kind. The result is the peer or an address that the headers
/// name, and trusted addresses only lead to it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hubbub;
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  std::vector<std::string_view> lines;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    lines.push_back(line);
  }
  const auto peer = from_v4({10, 0, 0, 1});
  const auto proxies = *parse_blocks("10.0.0.0/8,fd00::/8");
  const auto everyone = *parse_blocks("0.0.0.0/0,::/0");

  require(forwarded_client(peer, {}, lines, lines) == peer);
  for (const auto& trusted : {proxies, everyone}) {
    for (const auto& client : {forwarded_client(peer, trusted, lines, {}),
                               forwarded_client(peer, trusted, {}, lines)}) {
      const auto text = to_string(client);
      require(parse_address(text) == client);
      // Parsed again by itself, it is the same client.
      const std::string quoted = "for=\"[" + text + "]:80\"";
      if (!client.is_v4()) require(forwarded_client(peer, trusted, {}, {quoted}) == client);
      require(forwarded_client(peer, trusted, {text}, {}) == client);
    }
  }
  for (const auto line : lines) {
    if (const auto block = parse_block(line)) require(parse_block(to_string(*block)) == block);
  }
  return 0;
}
