#include "proto/bridge/msgpack.hpp"

#include "proto/bridge/json_pen.hpp"
#include "proto/limits.hpp"

#include <bit>
#include <cstdint>
#include <optional>

namespace hubbub {
namespace {

/// The bytes with which values begin, as the specification of MessagePack names them.
enum : unsigned {
  fixmap = 0x80,
  fixarray = 0x90,
  fixstr = 0xa0,
  nil = 0xc0,
  never_used = 0xc1,
  no = 0xc2,
  yes = 0xc3,
  bin8 = 0xc4,
  bin32 = 0xc6,
  ext8 = 0xc7,
  ext32 = 0xc9,
  float32 = 0xca,
  float64 = 0xcb,
  uint8 = 0xcc,
  uint64 = 0xcf,
  int8 = 0xd0,
  int64 = 0xd3,
  fixext1 = 0xd4,
  fixext16 = 0xd8,
  str8 = 0xd9,
  str32 = 0xdb,
  array16 = 0xdc,
  array32 = 0xdd,
  map16 = 0xde,
  map32 = 0xdf,
  negative = 0xe0,
};
constexpr int time_extension = -1;

/// Reads values and writes them. Nothing is reserved for lengths that are merely announced.
class msgpack_reader {
 public:
  explicit msgpack_reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] expected<std::string, bridge_refusal> read() {
    if (!value(0) || !rest_.empty()) return unexpected(why_);
    return pen_.take();
  }

 private:
  bool refuse(bridge_refusal why) {
    why_ = why;
    return false;
  }

  [[nodiscard]] std::optional<std::string_view> take(std::uint64_t count) {
    if (count > rest_.size()) return std::nullopt;
    const auto taken = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  /// Takes a number of `width` bytes, the greatest first.
  [[nodiscard]] std::optional<std::uint64_t> number(unsigned width) {
    const auto bytes = take(width);
    if (!bytes) return std::nullopt;
    std::uint64_t sum = 0;
    for (const auto c : *bytes)
      sum = (sum << 8U) | static_cast<unsigned char>(c);
    return sum;
  }
  [[nodiscard]] std::optional<std::int64_t> signed_number(unsigned width) {
    const auto bits = number(width);
    if (!bits) return std::nullopt;
    const auto unused = 64U - 8U * width;
    return static_cast<std::int64_t>(*bits << unused) >> unused;
  }

  bool value(std::size_t depth) {
    const auto lead = number(1);
    if (!lead) return false;
    if (pen_.is_full()) return refuse(bridge_refusal::too_large);
    const auto first = static_cast<unsigned>(*lead);
    if (first < fixmap) return whole(static_cast<std::int64_t>(first));
    if (first >= negative) return whole(static_cast<std::int64_t>(first) - 0x100);
    if (first < fixarray) return map(first & 0x0fU, depth);
    if (first < fixstr) return array(first & 0x0fU, depth);
    if (first < nil) return text(first & 0x1fU);
    return marked(first, depth);
  }

  /// Reads a value whose first byte says no more than what it is.
  bool marked(unsigned first, std::size_t depth) {
    if (first == nil) return plain([](json::writer& out) { out.null(); });
    if (first == no || first == yes)
      return plain([first](json::writer& out) { out.boolean(first == yes); });
    if (first >= bin8 && first <= bin32) return refuse(bridge_refusal::binary);
    if (first >= ext8 && first <= ext32) return extension(number(1U << (first - ext8)));
    if (first == float32 || first == float64) return real(first == float64);
    if (first >= uint8 && first <= uint64) return natural(number(1U << (first - uint8)));
    if (first >= int8 && first <= int64) return whole(signed_number(1U << (first - int8)));
    if (first >= fixext1 && first <= fixext16)
      return extension(std::uint64_t{1} << (first - fixext1));
    if (first >= str8 && first <= str32) return text(number(1U << (first - str8)));
    if (first == array16 || first == array32)
      return array(number(first == array16 ? 2 : 4), depth);
    if (first == map16 || first == map32) return map(number(first == map16 ? 2 : 4), depth);
    return false; // `never_used`
  }

  template <class Write>
  bool plain(const Write& write) {
    write(pen_.plain());
    return true;
  }
  bool whole(std::optional<std::int64_t> number) {
    return number && plain([&](json::writer& out) { out.integer(*number); });
  }
  bool natural(std::optional<std::uint64_t> number) {
    if (!number) return false;
    pen_.natural(*number);
    return true;
  }
  bool real(bool is_double) {
    const auto bits = number(is_double ? 8 : 4);
    if (!bits) return false;
    pen_.real(is_double ? std::bit_cast<double>(*bits)
                        : double{std::bit_cast<float>(static_cast<std::uint32_t>(*bits))});
    return true;
  }
  bool text(std::optional<std::uint64_t> length) {
    const auto bytes = length ? take(*length) : std::nullopt;
    return bytes && pen_.string(*bytes);
  }
  bool extension(std::optional<std::uint64_t> length) {
    const auto type = signed_number(1);
    if (!length || type != time_extension) return false;
    if (*length == 4) {
      const auto seconds = number(4);
      return seconds && pen_.time(static_cast<std::int64_t>(*seconds), 0);
    }
    if (*length == 8) {
      constexpr unsigned seconds_bits = 34;
      const auto both = number(8);
      return both && pen_.time(static_cast<std::int64_t>(
                                   *both & ((std::uint64_t{1} << seconds_bits) - 1)),
                               static_cast<std::int64_t>(*both >> seconds_bits));
    }
    if (*length != 12) return false;
    const auto nanoseconds = number(4);
    const auto seconds = signed_number(8);
    return nanoseconds && seconds &&
           pen_.time(*seconds, static_cast<std::int64_t>(*nanoseconds));
  }
  bool array(std::optional<std::uint64_t> count, std::size_t depth) {
    if (!count || depth >= max_json_depth) return false;
    pen_.plain().begin_array();
    for (std::uint64_t i = 0; i < *count; ++i)
      if (!value(depth + 1)) return false;
    pen_.plain().end_array();
    return true;
  }
  bool map(std::optional<std::uint64_t> count, std::size_t depth) {
    if (!count || depth >= max_json_depth) return false;
    pen_.plain().begin_object();
    for (std::uint64_t i = 0; i < *count; ++i)
      if (!key() || !value(depth + 1)) return false;
    pen_.plain().end_object();
    return true;
  }
  bool key() {
    const auto lead = number(1);
    if (!lead) return false;
    const auto first = static_cast<unsigned>(*lead);
    if (first < fixmap) return pen_.key(std::to_string(first));
    if (first >= negative)
      return pen_.key(std::to_string(static_cast<std::int64_t>(first) - 0x100));
    std::optional<std::uint64_t> length;
    if (first >= fixstr && first < nil)
      length = first & 0x1fU;
    else if (first >= str8 && first <= str32)
      length = number(1U << (first - str8));
    else if (first >= uint8 && first <= uint64)
      return numbered(number(1U << (first - uint8)));
    else if (first >= int8 && first <= int64)
      return numbered(signed_number(1U << (first - int8)));
    const auto name = length ? take(*length) : std::nullopt;
    return name && pen_.key(*name);
  }
  template <class Number>
  bool numbered(std::optional<Number> name) {
    return name && pen_.key(std::to_string(*name));
  }

  std::string_view rest_;
  json_pen pen_;
  bridge_refusal why_ = bridge_refusal::malformed;
};

} // namespace

expected<std::string, bridge_refusal> msgpack_to_json(std::string_view bytes) {
  if (bytes.size() > max_bridge_message) return unexpected(bridge_refusal::too_large);
  return msgpack_reader{bytes}.read();
}

} // namespace hubbub
