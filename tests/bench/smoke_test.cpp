// Runs each scenario for a moment against the real server. What is tested is what the harness
// says about faults, never how fast anything was.
#include "bench/run.hpp"
#include "tests/bench/faulty_proxy.hpp"
#include "tests/bench/served_chat.hpp"
#include "tests/support/catch.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

using namespace hubbub::bench;
using std::chrono::milliseconds;

namespace {

options small_load(const std::string& scenario, const std::string& url) {
  options asked;
  asked.scenario = scenario;
  asked.url = url;
  asked.connections = 40;
  asked.rooms = 4;
  asked.senders = 8;
  asked.duration = milliseconds{500};
  asked.warmup = milliseconds{100};
  asked.settle = milliseconds{100};
  asked.patience = milliseconds{20'000};
  asked.progress = false;
  return asked;
}

run_report run_it(const options& asked) {
  auto report = run_scenario(asked);
  REQUIRE(report);
  for (const auto& example : report->examples)
    UNSCOPED_INFO(example);
  return std::move(*report);
}

double value_of(const run_report& report, const std::string& name) {
  for (const auto& figure : report.figures)
    if (figure.name == name) return figure.value;
  return -1;
}

/// What the harness found where one message was spoilt.
std::map<std::string, std::uint64_t> faults_with(mischief what) {
  const served_chat chat;
  const faulty_proxy proxy{chat.port(), what, 60};
  auto asked = small_load("fanout", proxy.url());
  asked.connections = 10;
  asked.rooms = 1;
  asked.senders = 3;
  asked.messages = 40;
  // Where something is missing, this is how long it is waited for.
  asked.patience = milliseconds{3'000};
  const auto report = run_it(asked);
  return {report.faults.begin(), report.faults.end()};
}

} // namespace

TEST_CASE("smoke: fanout finds nothing wrong with the server and counts every delivery") {
  const served_chat chat;
  auto asked = small_load("fanout", chat.url());
  asked.messages = 200;
  asked.server_pid = chat.process();
  const auto report = run_it(asked);
  CHECK(report.faults.empty());
  const auto curve = [&report](const std::string& name) {
    for (const auto& one : report.latencies)
      if (one.name == name) return one.count;
    return std::uint64_t{0};
  };
  CHECK(curve("confirmation") == 200);
  CHECK(curve("delivery") == 200 * 9);
  CHECK(value_of(report, "deliveries per CPU-second of the server") > 0);
  CHECK(value_of(report, "server's memory at the end") > 0);
}

TEST_CASE("smoke: fanout over polling finds nothing wrong") {
  const served_chat chat;
  auto asked = small_load("fanout", chat.url());
  asked.transport = transport_kind::polling;
  CHECK(run_it(asked).faults.empty());
}

TEST_CASE("smoke: fanout at a rate and fanout of typing find nothing wrong") {
  const served_chat chat;
  auto asked = small_load("fanout", chat.url());
  asked.rate = 100;
  CHECK(run_it(asked).faults.empty());
  asked.rate = 0;
  asked.event = event_kind::typing;
  CHECK(run_it(asked).faults.empty());
}

TEST_CASE("smoke: a sender that gets its ack and its message too is served by ack_and_echo") {
  const served_chat chat{{"--echo-to-sender"}};
  auto asked = small_load("fanout", chat.url());
  asked.dialect_file = std::filesystem::temp_directory_path() /
                       ("hubbub-dialect-" + std::to_string(chat.process()) + ".toml");
  const auto with = [&asked](const std::string& confirm) {
    std::ofstream{asked.dialect_file} << "[send]\nconfirm = \"" << confirm << "\"\n";
    return run_it(asked).faults;
  };
  CHECK(with("ack_and_echo").empty());
  CHECK(with("echo").empty());
  CHECK_FALSE(with("ack").empty());
  std::filesystem::remove(asked.dialect_file);
}

TEST_CASE("smoke: send and idle find nothing wrong") {
  const served_chat chat;
  auto asked = small_load("send", chat.url());
  asked.rooms = asked.senders = asked.connections;
  CHECK(run_it(asked).faults.empty());
  asked = small_load("idle", chat.url());
  CHECK(run_it(asked).faults.empty());
  asked.transport = transport_kind::polling;
  CHECK(run_it(asked).faults.empty());
}

TEST_CASE("smoke: a proxy that spoils nothing is not noticed") {
  CHECK(faults_with(mischief::none).empty());
}

TEST_CASE("smoke: a message that is dropped is lost") {
  auto faults = faults_with(mischief::drop);
  CHECK(faults["lost"] == 1);
  CHECK(faults["silence"] == 1);
  CHECK(faults.size() == 2);
}

TEST_CASE("smoke: a message that comes twice is a duplicate") {
  CHECK(faults_with(mischief::repeat) ==
        std::map<std::string, std::uint64_t>{{"duplicate", 1}});
}

TEST_CASE("smoke: messages that change places are out of order") {
  CHECK(faults_with(mischief::swap)["reordered"] == 1);
}

TEST_CASE("smoke: a message with another content is an error and the one it was is lost") {
  auto faults = faults_with(mischief::garble);
  CHECK(faults["protocol_error"] == 1);
  CHECK(faults["lost"] == 1);
}

TEST_CASE("smoke: a connection that is cut is an unexpected close") {
  auto faults = faults_with(mischief::cut);
  CHECK(faults["unexpected_close"] == 1);
  CHECK(faults["lost"] >= 1);
}

TEST_CASE("smoke: a server that is not there is an unexpected close for each client") {
  const auto report = run_it(small_load("fanout", "http://127.0.0.1:1"));
  REQUIRE(report.faults.size() == 1);
  CHECK(report.faults[0].first == "unexpected_close");
}

TEST_CASE("smoke: what cannot begin says why") {
  auto asked = small_load("fanout", "ftp://example.org");
  CHECK_THAT(run_scenario(asked).error(), Catch::Contains("not an http:// URL"));
  asked = small_load("fanout", "http://127.0.0.1:1");
  asked.dialect_file = "/nowhere/at/all.toml";
  CHECK_THAT(run_scenario(asked).error(), Catch::Contains("cannot read"));
  asked.dialect_file.clear();
  asked.connections = 99'000'000;
  CHECK_THAT(run_scenario(asked).error(), Catch::Contains("may open"));
}
