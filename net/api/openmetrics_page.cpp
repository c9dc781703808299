#include "net/api/openmetrics_page.hpp"

#include "proto/json/ascii_case.hpp"

#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <system_error>
#include <vector>

namespace hubbub {
namespace {

constexpr std::string_view http_family = "hubbub_http_request_seconds";
constexpr std::string_view total = "_total";
constexpr auto buckets = latency_scale::bounds.size() + 1;

/// Returns the weight of a media range; 0 if it is a word that nobody understands.
double weight_of(std::string_view word) {
  double weight = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), weight);
  return failure == std::errc{} && end == word.data() + word.size() ? weight : 0;
}

/// Returns the greatest weight that an `Accept` gives to a media type itself; 0 if it does not
/// name it.
double wish_for(std::string_view type, std::string_view accept) {
  double wish = 0;
  // Each element is given to Beast separately, as in accept_encoding.cpp.
  while (!accept.empty()) {
    const auto end = std::min(accept.find(','), accept.size());
    auto element = accept.substr(0, end);
    accept.remove_prefix(std::min(end + 1, accept.size()));
    const auto name = element.substr(0, element.find(';'));
    const auto first = name.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    const auto last = name.find_last_not_of(" \t");
    if (!equal_in_any_case(name.substr(first, last + 1 - first), type)) continue;
    element.remove_prefix(name.size());
    double weight = 1;
    for (const auto& [key, value] : boost::beast::http::param_list{element})
      if (equal_in_any_case(key, "q")) weight = weight_of(value);
    wish = std::max(wish, weight);
  }
  return wish;
}

/// Gives the lines of buckets of HTTP requests their exemplars, in the order of the page.
class exemplar_lines {
 public:
  explicit exemplar_lines(const chat_measures* measures) : measures_(measures) {
    if (measures == nullptr) return;
    for (std::size_t route = 0; route < measures->http.size(); ++route)
      for (std::size_t status = 0; status < measures->http[route].size(); ++status)
        if (measures->http[route][status].count() > 0)
          series_.push_back(route_series(route, status));
  }

  /// Appends the exemplar of the next bucket, if it has one.
  void append_next(std::string& out) {
    const auto series = next_ / buckets;
    const auto bucket = next_++ % buckets;
    if (series >= series_.size()) return;
    const auto* const found =
        measures_->http_traces.find(series_[series], static_cast<std::uint32_t>(bucket));
    if (found == nullptr) return;
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "\"} %.9g %.3f",
                  std::chrono::duration<double>{found->value}.count(),
                  std::chrono::duration<double>{found->at}.count());
    out.append(" # {trace_id=\"")
        .append(found->trace_id.data(), found->trace_id.size())
        .append(text.data());
  }

 private:
  const chat_measures* measures_;
  std::vector<std::uint32_t> series_; ///< those that are on the page
  std::size_t next_ = 0;              ///< the number of the next bucket on the page
};

/// Appends a line `# HELP NAME …` or `# TYPE NAME …`: a counter's family is named without the
/// end of its values' names, and quotes are escaped in a help.
void append_comment(std::string& out, std::string_view line) {
  constexpr std::size_t at = 7;
  const auto end = std::min(line.find(' ', at), line.size());
  auto name = line.substr(at, end - at);
  if (name.ends_with(total)) name.remove_suffix(total.size());
  out.append(line.substr(0, at)).append(name);
  for (const char each : line.substr(end)) {
    if (each == '"') out += '\\';
    out += each;
  }
}

} // namespace

bool wants_openmetrics(std::string_view accept) {
  const auto wish = wish_for("application/openmetrics-text", accept);
  return wish > 0 && wish >= wish_for("text/plain", accept);
}

std::string openmetrics_page(std::string_view plain, const chat_measures* measures) {
  constexpr std::string_view bucket = "_bucket{";
  exemplar_lines lines{measures};
  std::string out;
  out.reserve(plain.size() + plain.size() / 4);
  while (!plain.empty()) {
    const auto end = std::min(plain.find('\n'), plain.size());
    const auto line = plain.substr(0, end);
    plain.remove_prefix(std::min(end + 1, plain.size()));
    if (line.starts_with("# ")) {
      append_comment(out, line);
    } else {
      out += line;
      if (line.starts_with(http_family) && line.substr(http_family.size()).starts_with(bucket))
        lines.append_next(out);
    }
    out += '\n';
  }
  out += "# EOF\n";
  return out;
}

} // namespace hubbub
