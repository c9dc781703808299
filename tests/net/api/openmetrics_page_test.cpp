#include "net/api/metrics_page.hpp"
#include "net/api/openmetrics_page.hpp"
#include "tests/net/api/api_world.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <sstream>
#include <string>
#include <vector>

namespace hubbub::test {
namespace {

constexpr std::string_view asked = "0af7651916cd43dd8448eb211c80319c";

http_request request_for(std::string path, std::string accept, std::string traceparent = {}) {
  http_request request;
  request.method = "GET";
  request.path = std::move(path);
  request.headers.emplace_back("accept", std::move(accept));
  if (!traceparent.empty()) request.headers.emplace_back("traceparent", std::move(traceparent));
  return request;
}

std::vector<std::string> lines_of(const std::string& page) {
  std::vector<std::string> lines;
  std::istringstream in{page};
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

} // namespace

TEST_CASE("OpenMetrics is for whoever asks for it, and likes plain text no better") {
  CHECK(wants_openmetrics("application/openmetrics-text"));
  CHECK(
      wants_openmetrics("text/html;q=1, Application/OpenMetrics-Text; version=1.0.0 ; q=0.5"));
  // Prometheus 2.42.
  CHECK(wants_openmetrics(
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
      "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
  for (const auto* other :
       {"", ",", ";q=1", "*/*", "application/*", "text/plain",
        "application/openmetrics-text;q=0", "application/openmetrics-text;q=zero",
        "application/openmetrics-text;q=0.3,text/plain", "application/openmetrics-texts"})
    CHECK_FALSE(wants_openmetrics(other));
}

TEST_CASE("a page of OpenMetrics names families without _total, and ends with EOF") {
  CHECK(openmetrics_page("# HELP a_total Say \"a\".\n# TYPE a_total counter\na_total 1\n"
                         "# TYPE b gauge\nb{x=\"_total\"} 2\n",
                         nullptr) == "# HELP a Say \\\"a\\\".\n# TYPE a counter\na_total 1\n"
                                     "# TYPE b gauge\nb{x=\"_total\"} 2\n# EOF\n");
}

TEST_CASE("the newest trace of each bucket is its exemplar, of all threads") {
  chat_measures one;
  one.http.resize(1);
  chat_measures other = one;
  using std::chrono::milliseconds;
  const std::string id(32, 'a');
  const std::string later(32, 'b');
  one.http[0][1].observe(milliseconds{3});
  one.http_traces.note(route_series(0, 1), milliseconds{3}, id, milliseconds{1'000});
  other.http[0][1].observe(milliseconds{4});
  other.http_traces.note(route_series(0, 1), milliseconds{4}, later, milliseconds{2'500});
  other.http_traces.note(route_series(0, 1), milliseconds{4}, id, milliseconds{2'400});
  other.http_traces.note(route_series(0, 1), milliseconds{60}, "short", milliseconds{9'000});
  one += other;
  CHECK(one.http_traces.size() == 1);
  metrics_snapshot snapshot;
  snapshot.measures = one;
  const auto page = openmetrics_page(metrics_page(snapshot, "1"), &one);
  std::vector<std::string> marked;
  for (const auto& line : lines_of(page))
    if (line.find(" # ") != std::string::npos) marked.push_back(line);
  REQUIRE(marked.size() == 1);
  CHECK(marked.front().find("status=\"2xx\",le=\"0.005\"} 2 # {trace_id=\"" + later +
                            "\"} 0.004 2.500") != std::string::npos);
}

TEST_CASE("a scraper of OpenMetrics gets the same series, with the traces of requests") {
  api_world world;
  const auto trace = "00-" + std::string{asked} + "-b7ad6b7169203331-01";
  REQUIRE(world.try_ask(request_for("/api/info", "*/*", trace))->status == 200);
  REQUIRE(world.try_ask(request_for("/healthz", "*/*"))->status == 200);
  const auto plain = world.try_ask(request_for("/metrics", "text/plain"));
  const auto open = world.try_ask(request_for("/metrics", "application/openmetrics-text"));
  REQUIRE(plain);
  REQUIRE(open);
  CHECK(plain->content_type == metrics_content_type);
  CHECK(open->content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8");
  CHECK(plain->body.find("trace_id") == std::string::npos);
  CHECK(plain->body.find("# EOF") == std::string::npos);
  CHECK(open->body.ends_with("\n# EOF\n"));

  std::size_t exemplars_found = 0;
  for (const auto& line : lines_of(open->body)) {
    if (line.starts_with("# TYPE ")) {
      CHECK(line.find("_total ") == std::string::npos);
    } else if (const auto at = line.find(" # {trace_id=\"" + std::string{asked} + "\"} ");
               at != std::string::npos) {
      ++exemplars_found;
      CHECK(line.starts_with("hubbub_http_request_seconds_bucket{"));
      CHECK(line.find("route=\"/api/info\"") < at);
    }
  }
  CHECK(exemplars_found == 1);
  // Every counter can be named as OpenMetrics wants it.
  for (const auto& line : lines_of(plain->body))
    if (line.starts_with("# TYPE ") && line.ends_with(" counter"))
      CHECK(line.ends_with("_total counter"));
}

} // namespace hubbub::test
