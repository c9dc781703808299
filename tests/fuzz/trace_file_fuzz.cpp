#include "proto/json/json.hpp"
#include "proto/json/text.hpp"
#include "proto/trace/trace_file.hpp"
#include "proto/trace/trace_story.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace hubbub;
using namespace hubbub::test;

void tell_all(const trace_memory& memory) {
  for (const bool as_json : {false, true}) {
    const trace_question question{.user = "ann", .room = {}, .since_us = 0, .as_json = as_json};
    for (const auto& asked : {question, trace_question{.as_json = as_json}})
      tell_trace(memory, asked, [as_json](const std::string& line) {
        require(valid_utf8(line) && line.find('\n') == std::string::npos);
        if (as_json) require(json::parse(line, 4).has_value());
      });
  }
}

/// Returns a file of the smallest ring in which the input lies as records with right checksums,
/// which no input would find, and as names.
std::string as_file(std::string_view input) {
  auto file = encode_trace_head({1, smallest_trace_ring, 1});
  file.resize(trace_head_size + smallest_trace_ring);
  const auto names = trace_names_in(smallest_trace_ring) * trace_name_size;
  input.copy(file.data() + trace_head_size, std::min(input.size(), names));
  const auto records = trace_records_in(smallest_trace_ring);
  for (std::size_t i = 0; i < records && !input.empty(); ++i) {
    trace_record record;
    const auto take = [&input](auto& field) {
      const auto size = std::min(sizeof field, input.size());
      std::memcpy(&field, input.data(), size);
      input.remove_prefix(size);
    };
    std::uint8_t kind = 0;
    take(kind);
    record.kind = static_cast<trace_kind>(kind % enum_count<trace_kind>());
    take(record.code);
    take(record.what);
    take(record.time_us);
    take(record.user);
    take(record.room);
    take(record.seq);
    take(record.number);
    take(record.connection.number);
    std::uint8_t round = 0; // of the ring
    take(round);
    auto* const at = file.data() + trace_head_size + names + i * trace_record_size;
    encode_trace(record, i + round * records,
                 std::span<char, trace_record_size>{at, trace_record_size});
  }
  return file;
}

} // namespace

/// Reads the input as a file, and as the records and names of one, and tells all of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  if (const auto memory = read_trace(input)) tell_all(*memory);
  const auto memory = read_trace(as_file(input));
  require(memory.has_value());
  tell_all(*memory);
  return 0;
}
