#include "proto/trace/trace_record.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace hubbub {
namespace {

constexpr std::size_t word_count = trace_record_size / sizeof(std::uint64_t);
using words = std::array<std::uint64_t, word_count>;

/// Returns the checksum of all words but the half of the first that holds it. Never 0, so that
/// an empty place holds no record.
std::uint32_t check_of(const words& of) {
  std::uint64_t sum = of[0] >> 32U;
  for (std::size_t i = 1; i < of.size(); ++i)
    sum = (std::rotl(sum, 23) ^ of[i]) * 0x9e37'79b9'7f4a'7c15U;
  return static_cast<std::uint32_t>(sum >> 32U) | 1U;
}

} // namespace

void encode_trace(const trace_record& record, std::uint64_t ordinal,
                  std::span<char, trace_record_size> to) {
  const auto head = std::uint64_t{static_cast<std::uint8_t>(record.kind)} |
                    std::uint64_t{record.code} << 8U | std::uint64_t{record.what} << 16U;
  words out{head << 32U,
            ordinal,
            static_cast<std::uint64_t>(record.time_us),
            record.user,
            record.room,
            static_cast<std::uint64_t>(record.seq),
            record.number,
            record.connection.number};
  out[0] |= check_of(out);
  std::memcpy(to.data(), out.data(), to.size());
}

std::optional<numbered_trace_record>
decode_trace(std::span<const char, trace_record_size> from) {
  words in{};
  std::memcpy(in.data(), from.data(), from.size());
  if ((in[0] & 0xffff'ffffU) != check_of(in)) return std::nullopt;
  const auto head = in[0] >> 32U;
  const auto kind = head & 0xffU;
  if (kind >= enum_count<trace_kind>()) return std::nullopt;
  return numbered_trace_record{{static_cast<trace_kind>(kind),
                                static_cast<std::uint8_t>(head >> 8U & 0xffU),
                                static_cast<std::uint16_t>(head >> 16U & 0xffffU),
                                static_cast<std::int64_t>(in[2]),
                                in[3],
                                in[4],
                                static_cast<std::int64_t>(in[5]),
                                in[6],
                                {in[7]}},
                               in[1]};
}

} // namespace hubbub
