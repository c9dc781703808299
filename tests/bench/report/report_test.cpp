#include "bench/report/report.hpp"
#include "tests/support/catch.hpp"

using namespace hubbub::bench;

namespace {

run_report sample_report() {
  histogram durations;
  for (int i = 1; i <= 1'000; ++i)
    durations.add(std::chrono::microseconds{i});
  run_report run;
  run.scenario = "fanout";
  run.label = "a \"quoted\" <label>";
  run.settings = {{"connections", "1000"}};
  run.figures = {{"deliveries", 1234567.5, unit::per_second},
                 {"memory", 12'345'678, unit::bytes},
                 {"share", 0.1234, unit::share}};
  run.latencies = {make_curve("delivery", durations)};
  run.samples = {{0.1, 100, 1e6, 0.5, 0.25}, {0.2, 120, 1.1e6, 0.5, 0.25}};
  run.faults = {{"lost", 3}};
  run.examples = {"user-1 lacks 3"};
  run.limits = {"the driver was busy"};
  return run;
}

} // namespace

TEST_CASE("numbers are shown with the digits that matter") {
  CHECK(show(1'234'567, unit::count) == "1,234,567");
  CHECK(show(-999, unit::count) == "-999");
  CHECK(show(0, unit::nanoseconds) == "0");
  CHECK(show(0, unit::per_second) == "0 /s");
  CHECK(show(1'500, unit::nanoseconds) == "1.50 µs");
  CHECK(show(23'400'000, unit::nanoseconds) == "23.4 ms");
  CHECK(show(2'000'000'000, unit::nanoseconds) == "2.00 s");
  CHECK(show(-1'500'000, unit::bytes) == "-1.50 MB");
  CHECK(show(0.5, unit::share) == "50.0 %");
}

TEST_CASE("a report survives being written and read") {
  const auto run = sample_report();
  const auto read = parse_report(report_json(run));
  REQUIRE(read);
  CHECK(read->label == run.label);
  CHECK(read->settings == run.settings);
  REQUIRE(read->figures.size() == 3);
  CHECK(read->figures[0].value == run.figures[0].value);
  CHECK(read->figures[1].in == unit::bytes);
  CHECK(quantile_of(read->latencies.at(0), 0.5) == quantile_of(run.latencies[0], 0.5));
  CHECK(read->samples.at(1).resident == 1.1e6);
  CHECK(read->faults == run.faults);
  CHECK(read->examples == run.examples);
  CHECK(read->limits == run.limits);
  CHECK(report_json(*read) == report_json(run));
}

TEST_CASE("what is no report is refused") {
  CHECK_FALSE(parse_report(""));
  CHECK_FALSE(parse_report("{"));
  CHECK_FALSE(parse_report("{}"));
  CHECK_FALSE(parse_report("[1,2]"));
}

TEST_CASE("a table names faults and doubts") {
  const auto table = report_table(sample_report());
  CHECK_THAT(table, Catch::Contains("1,234,568 /s") && Catch::Contains("FAULT    lost") &&
                        Catch::Contains("user-1 lacks 3") &&
                        Catch::Contains("DOUBTFUL the driver was busy"));
  auto clean = sample_report();
  clean.faults.clear();
  CHECK_THAT(report_table(clean), Catch::Contains("nothing was lost"));
}

TEST_CASE("a page holds every run and escapes what it is told") {
  auto other = sample_report();
  other.label = "other";
  const auto page = report_html({sample_report(), other});
  CHECK_THAT(page, Catch::Contains("a &quot;quoted&quot; &lt;label&gt;") &&
                       Catch::Contains("other") && Catch::Contains("lost: 3"));
  CHECK_THAT(page, !Catch::Contains("<label>"));
  // Nothing is loaded from anywhere.
  CHECK_THAT(page, !Catch::Contains("http") && !Catch::Contains("src=") &&
                       !Catch::Contains("<script"));
  const auto count = [&page](std::string_view what) {
    std::size_t found = 0;
    for (auto at = page.find(what); at != std::string::npos; at = page.find(what, at + 1))
      ++found;
    return found;
  };
  // The latency, throughput, memory, and the CPU of server and driver; each has one curve for
  // each run.
  CHECK(count("<svg") == 5);
  CHECK(count("<polyline class=\"run-0\"") == 5);
  CHECK(count("<polyline class=\"run-1\"") == 5);
}

TEST_CASE("a plot without curves is nothing") {
  auto run = sample_report();
  run.latencies = {make_curve("delivery", histogram{})};
  run.samples.clear();
  CHECK_THAT(report_html({run}), !Catch::Contains("<svg"));
}
