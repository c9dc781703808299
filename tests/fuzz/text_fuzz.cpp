#include "proto/json/hidden_text.hpp"
#include "proto/json/text.hpp"
#include "proto/json/whole_number.hpp"
#include "tests/fuzz/require.hpp"

#include <cstdint>
#include <string>

using hubbub::test::require;

/// Checks for arbitrary bytes that cleaned text is clean, and that cleaning it again changes
/// nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  require(hubbub::count_characters(bytes) <= size);
  const auto trimmed = hubbub::trim(bytes);
  require(hubbub::valid_utf8(trimmed) || !hubbub::valid_utf8(bytes));

  if (const auto name = hubbub::clean_name(bytes, 64, "room")) {
    require(*name == trimmed && !name->empty() && hubbub::count_characters(*name) <= 64);
    require(hubbub::valid_utf8(*name) && !hubbub::has_control(*name));
    require(hubbub::clean_name(*name, 64, "room") == *name);
    require(hubbub::clean_content(bytes, 64) == *name);
  }
  if (const auto content = hubbub::clean_content(bytes, 4000)) {
    require(*content == trimmed && !content->empty());
    require(hubbub::valid_utf8(*content) && hubbub::count_characters(*content) <= 4000);
    require(content->find('\0') == std::string::npos);
  }
  if (const auto time = hubbub::parse_rfc3339(bytes)) {
    // A time written in UTC reads back the same, except outside the years that can be written.
    const auto written = hubbub::to_rfc3339(*time);
    const auto again = hubbub::parse_rfc3339(written);
    require(again && hubbub::to_rfc3339(*again) == written);
  }
  if (const auto name = hubbub::clean_new_name(bytes, 64, "room"))
    require(*name == trimmed && !hubbub::has_hidden(*name));
  if (const auto name = hubbub::shown_name(bytes, 64)) {
    require(hubbub::valid_utf8(*name) && !hubbub::has_hidden(*name));
    require(hubbub::clean_new_name(*name, 64, "name") == *name);
    require(hubbub::shown_name(*name, 64) == *name);
    if (const auto whole = hubbub::clean_new_name(bytes, 64, "name")) require(*name == *whole);
  }
  if (const auto number = hubbub::parse_integral(bytes)) {
    const auto plain = std::to_string(*number);
    require(hubbub::parse_integral(plain) == number);
    require(hubbub::parse_integral(plain + ".0") == number);
    require(hubbub::parse_integral(plain + "0e-1") == number);
  }
  return 0;
}
