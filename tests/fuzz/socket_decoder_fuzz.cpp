#include "proto/socket/socket_packet.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace hubbub;

/// Takes a sequence of messages, each ended by 0xff; one that starts with `b` is binary.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  const socket_limits limits;
  socket_decoder decoder{limits};
  while (!rest.empty()) {
    const auto message = rest.substr(0, rest.find('\xff'));
    rest.remove_prefix(std::min(rest.size(), message.size() + 1));
    const bool binary = message.starts_with('b');
    const auto fed = decoder.feed(std::string{message.substr(binary ? 1 : 0)}, binary);
    if (!fed) return 0;
    if (!*fed) continue;
    if (const auto* event = std::get_if<event_packet>(&**fed)) {
      if (event->name().empty() && !event->data.root().at(0).is_string()) std::abort();
      if (event->attachments.size() > limits.max_attachments) std::abort();
    }
  }
  return 0;
}
