#include "net/log/log_line.hpp"
#include "net/log/log_rates.hpp"
#include "tests/net/source_file.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <string>

namespace hubbub::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

std::string shown(std::string_view text) {
  std::string out;
  append_log_text(out, text);
  return out;
}

TEST_CASE("a line of the log is text or JSON with the same keys") {
  const log_fields fields{{"what", std::string_view{"joins"}},
                          {"lines", std::uint64_t{7}},
                          {"days", std::int64_t{-2}},
                          {"ms", 1.5},
                          {"user", std::string_view{}}};
  CHECK(log_body(log_format::text, log_event::rate_limited, "too fast", fields, 3) ==
        R"(rate_limited: too fast what="joins" lines=7 days=-2 ms=1.5 left_out=3)");
  CHECK(
      log_body(log_format::json, log_event::rate_limited, "too fast", fields) ==
      R"("event":"rate_limited","message":"too fast","what":"joins","lines":7,"days":-2,"ms":1.5)");

  const system_clock::time_point at{milliseconds{1'764'406'800'007}};
  std::string out;
  append_log_line(out, log_format::text, log_level::warning, at, "ready: x");
  CHECK(out == "2025-11-29T09:00:00.007Z warning ready: x\n");
  out.clear();
  append_log_line(out, log_format::json, log_level::info, at, R"("event":"ready")");
  CHECK(out == R"({"time":"2025-11-29T09:00:00.007Z","level":"info","event":"ready"})"
               "\n");
  out.clear();
  append_log_line(out, log_format::coloured_text, log_level::error, at, "ready: x");
  CHECK(out == "2025-11-29T09:00:00.007Z \x1b[31merror\x1b[0m ready: x\n");
}

TEST_CASE(
    "nobody can end a line of the log, move its reader's cursor or turn its text around") {
  CHECK(shown("a\nb\r\x1b[2J\x7f") == R"("a\u000ab\u000d\u001b[2J\u007f")");
  CHECK(shown("\xc2\x85\xe2\x80\xa8\xe2\x80\xae\xef\xbb\xbf") ==
        R"("\u0085\u2028\u202e\ufeff")"); // NEL, line separator, right to left, a mark
  CHECK(shown(R"(" level=error \)") == R"("\" level=error \\")");
  CHECK(shown("\xff\xc3(\xed\xa0\x80") == R"("\u00ff\u00c3(\u00ed\u00a0\u0080")");
  CHECK(shown("\xf3\xa0\x80\xa1") == R"("\udb40\udc21")"); // an invisible tag
  CHECK(shown("日本 é 😀") == "\"日本 é 😀\"");
  CHECK(log_body(log_format::text, log_event::setting, "a\nb \"c\"", {}) ==
        R"(setting: a\u000ab "c")");
  CHECK(shown(std::string(5'000, 'x')) == "\"" + std::string(max_log_text, 'x') + "...\"");
}

TEST_CASE(
    "a thread writes so many lines of a kind in a minute, and says how many it left out") {
  log_rates rates;
  const auto a_minute = kind_of(log_event::slow_reader).a_minute;
  log_rates::time_point now{std::chrono::hours{1}};
  for (unsigned i = 0; i < a_minute; ++i)
    CHECK(rates.take(log_event::slow_reader, now) == 0U);
  for (int i = 0; i < 5; ++i)
    CHECK_FALSE(rates.take(log_event::slow_reader, now));
  CHECK(rates.take(log_event::rate_limited, now) == 0U); // a kind of its own
  now += std::chrono::seconds{60 / a_minute + 1};
  CHECK(rates.take(log_event::slow_reader, now) == 5U);
  CHECK_FALSE(rates.take(log_event::slow_reader, now));
  for (int i = 0; i < 10'000; ++i)
    CHECK(rates.take(log_event::setting, now) == 0U); // unbounded
}

TEST_CASE("the manual lists every kind of line") {
  const auto manual = source_file("docs/monitoring.md");
  for (const auto& kind : log_kinds)
    CHECK(manual.find("| `" + std::string{kind.name} + "` | " +
                      std::string{to_string(kind.level)} + " |") != std::string::npos);
}

} // namespace
} // namespace hubbub::test
