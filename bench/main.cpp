// hubbub-bench: puts load on a Socket.IO chat, checks what arrives, and measures.
#include "bench/options.hpp"
#include "bench/report/report.hpp"
#include "bench/scenario/run.hpp"

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::bench {
namespace {

constexpr int went_wrong = 1;
constexpr int called_wrong = 2;

int complain(std::string_view why) {
  std::fprintf(stderr, "hubbub-bench: %.*s\n", static_cast<int>(why.size()), why.data());
  return called_wrong;
}

bool write_file(const std::filesystem::path& path, std::string_view text) {
  std::ofstream out{path, std::ios::binary};
  out << text;
  return static_cast<bool>(out.flush());
}

int compare(const options& asked) {
  std::vector<run_report> runs;
  for (const auto& path : asked.reports) {
    std::ifstream in{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    auto run = parse_report(text);
    if (!run) return complain("cannot use " + path.string() + ": " + run.error());
    std::printf("%s\n", report_table(*run).c_str());
    runs.push_back(std::move(*run));
  }
  if (!asked.html.empty() && !write_file(asked.html, report_html(runs)))
    return complain("cannot write " + asked.html.string());
  return 0;
}

int load(const options& asked) {
  const auto report = run_scenario(asked);
  if (!report) return complain(report.error());
  std::fputs(report_table(*report).c_str(), stdout);
  if (!asked.json.empty() && !write_file(asked.json, report_json(*report)))
    return complain("cannot write " + asked.json.string());
  if (!asked.html.empty() && !write_file(asked.html, report_html({*report})))
    return complain("cannot write " + asked.html.string());
  return report->faults.empty() ? 0 : went_wrong;
}

} // namespace
} // namespace hubbub::bench

int main(int argc, char** argv) {
  using namespace hubbub::bench;
  try {
    const auto asked = parse_options(argc, argv);
    if (!asked) return asked.error();
    return asked->reports.empty() ? load(*asked) : compare(*asked);
  } catch (const std::exception& e) {
    return complain(e.what());
  }
}
