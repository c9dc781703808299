#include "proto/trace/trace_record.hpp"
#include "tests/support/catch.hpp"

#include <array>
#include <limits>

namespace hubbub {
namespace {

using record_bytes = std::array<char, trace_record_size>;

trace_record sample() {
  return {.kind = trace_kind::overrun,
          .code = 255,
          .what = 65'535,
          .time_us = std::numeric_limits<std::int64_t>::min(),
          .user = 1,
          .room = std::numeric_limits<std::uint64_t>::max(),
          .seq = -2,
          .number = 3,
          .connection = trace_connection::of({7, 123, 4})};
}

} // namespace

TEST_CASE("a record of the flight recorder comes back with its number") {
  record_bytes bytes{};
  encode_trace(sample(), 99, bytes);
  const auto found = decode_trace(bytes);
  REQUIRE(found);
  CHECK(found->ordinal == 99);
  const auto& [kind, code, what, time, user, room, seq, number, connection] = found->record;
  CHECK(kind == trace_kind::overrun);
  CHECK(code == 255);
  CHECK(what == 65'535);
  CHECK(time == std::numeric_limits<std::int64_t>::min());
  CHECK(user == 1);
  CHECK(room == std::numeric_limits<std::uint64_t>::max());
  CHECK(seq == -2);
  CHECK(number == 3);
  CHECK(connection == trace_connection::of({7, 123, 0}));
}

TEST_CASE("an empty place is no record, nor is one that is half written or damaged") {
  record_bytes bytes{};
  CHECK_FALSE(decode_trace(bytes));
  encode_trace(sample(), 99, bytes);
  for (auto& byte : bytes)
    for (unsigned bit = 0; bit < 8; ++bit) {
      const auto before = byte;
      byte = static_cast<char>(static_cast<unsigned char>(byte) ^ 1U << bit);
      // The lowest bit of the checksum is always set.
      if (&byte != bytes.data() || bit != 0) REQUIRE_FALSE(decode_trace(bytes));
      byte = before;
    }
}

TEST_CASE("names have keys, and no name has none") {
  CHECK(trace_key("") == 0);
  CHECK(trace_key("ann") != 0);
  CHECK(trace_key("ann") != trace_key("Ann"));
}

} // namespace hubbub
