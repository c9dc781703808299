// Messages of a bus with arbitrary bytes: whoever may write to the Redis can send them.
#include "proto/bus/bus_message.hpp"
#include "proto/json/text.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace {

using namespace hubbub;
using namespace hubbub::test;

void require_text(std::string_view text) {
  require(valid_utf8(text) && text.find('\0') == std::string_view::npos);
}

void check(const bus_unknown&, const bus_origin&) {}
void check(const bus_beat& beat, const bus_origin& from) {
  require(decode_bus_message(encode_bus_beat(from, beat)) == bus_message{from, beat});
}
void check(const bus_presence&, const bus_origin& from) {
  require(decode_bus_message(encode_bus_presence(from)) == bus_message{from, bus_presence{}});
}
void check(const bus_aside& aside, const bus_origin& from) {
  std::visit(
      [](const auto& what) {
        const auto& name = [&what]() -> const std::string& {
          if constexpr (requires { what.user_id; })
            return what.user_id;
          else
            return what.name;
        }();
        require(what.room.value > 0 && !name.empty());
        require_text(name);
      },
      aside.what);
  const auto text = encode_bus_aside(from, aside);
  // Escapes may make it longer than it came.
  if (text.size() <= max_bus_message)
    require(decode_bus_message(text) == bus_message{from, aside});
}
void check(const bus_log& log, const bus_origin& from) {
  require(log.room.value > 0 && log.to > log.from && log.from.value >= 0);
  if (log.entries.empty()) return;
  std::vector<const message*> entries;
  for (const auto& each : log.entries) {
    require(each.room == log.room && each.seq.value > 0 && !each.user_id.empty());
    require(each.rev.value == log.from.value + 1 + static_cast<std::int64_t>(entries.size()));
    for (const auto& text : {each.user_id, each.username, each.content})
      require_text(text);
    if (each.client_id) require_text(*each.client_id);
    entries.push_back(&each);
  }
  require(entries.back()->rev == log.to);
  // Escapes may make it longer than it came, and then its entries are left out.
  const auto again = decode_bus_message(encode_bus_log(from, entries));
  require(again.has_value());
  const auto& same = std::get<bus_log>(again->what);
  require(same == log || (same.entries.empty() && same.to == log.to));
}

} // namespace

/// Checks that a message that was decoded holds only what the log may hold, and stays the same
/// when it is encoded and decoded again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = decode_bus_message({reinterpret_cast<const char*>(data), size});
  if (read) std::visit([&](const auto& what) { check(what, read->from); }, read->what);
  return 0;
}
