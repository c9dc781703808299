#include "bench/report.hpp"

namespace hubbub::bench {

std::string report_html(const std::vector<run_report>& runs) {
  std::string page = "<!doctype html><meta charset=\"utf-8\"><title>hubbub-bench</title>\n";
  for (const auto& run : runs) {
    page += "<pre>";
    for (const auto letter : report_table(run))
      page += letter == '<' ? "&lt;" : letter == '&' ? "&amp;" : std::string(1, letter);
    page += "</pre>\n";
  }
  return page;
}

} // namespace hubbub::bench
