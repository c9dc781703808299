// Runs each scenario for a moment against the real server. Tests what the harness says about
// faults, never how fast anything was.
#include "bench/scenario/run.hpp"
#include "tests/bench/faulty_proxy.hpp"
#include "tests/bench/served_chat.hpp"
#include "tests/support/catch.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

using namespace hubbub::bench;
using std::chrono::milliseconds;

namespace {

options small_load(const std::string& scenario, const std::string& url) {
  options asked;
  asked.scenario = scenario;
  asked.urls = {url};
  asked.connections = 40;
  asked.rooms = 4;
  asked.senders = 8;
  asked.duration = milliseconds{1000};
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

const latency_curve& curve_of(const run_report& report, const std::string& name) {
  for (const auto& curve : report.latencies)
    if (curve.name == name) return curve;
  FAIL("there is no curve " << name);
  throw std::logic_error{"FAIL does not return"};
}

double in_ns(std::chrono::nanoseconds time) {
  return static_cast<double>(time.count());
}

/// A file with a dialect that is removed with the object.
class dialect_file {
 public:
  explicit dialect_file(const std::string& toml)
      : path_(std::filesystem::temp_directory_path() /
              ("hubbub-dialect-" + std::to_string(::getpid()) + ".toml")) {
    std::ofstream{path_} << toml;
  }
  ~dialect_file() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  dialect_file(const dialect_file&) = delete;
  dialect_file& operator=(const dialect_file&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Returns the faults that the harness found after one message was spoilt.
std::map<std::string, std::uint64_t> faults_with(mischief what) {
  const served_chat chat;
  const faulty_proxy proxy{chat.port(), what, 60};
  auto asked = small_load("fanout", proxy.url());
  asked.connections = 10;
  asked.rooms = 1;
  asked.senders = 3;
  asked.messages = 40;
  // How long a missing message is waited for.
  asked.patience = milliseconds{3'000};
  const auto report = run_it(asked);
  return {report.faults.begin(), report.faults.end()};
}

} // namespace

TEST_CASE("smoke: fanout finds nothing wrong with the server and counts every delivery") {
  const served_chat chat;
  auto asked = small_load("fanout", chat.url());
  asked.messages = 200;
  asked.server_pids = {chat.process()};
  const auto report = run_it(asked);
  CHECK(report.faults.empty());
  CHECK(curve_of(report, "confirmation").count == 200);
  CHECK(curve_of(report, "delivery").count == 200 * 9);
  CHECK(value_of(report, "deliveries per CPU-second of the server") > 0);
  CHECK(value_of(report, "server's memory at the end") > 0);
}

TEST_CASE("smoke: fanout in rooms of all sizes counts what each room gets") {
  const served_chat chat;
  auto asked = small_load("fanout", chat.url());
  asked.connections = 12;
  asked.rooms = 6;
  asked.largest_room = 3;
  asked.senders = 6;
  asked.rate = 300;
  asked.messages = 60;
  asked.server_pids = {chat.process()};
  std::map<std::size_t, int> members;
  for (std::size_t i = 0; i < asked.connections; ++i)
    ++members[asked.room_of(i)];
  CHECK(members == std::map<std::size_t, int>{{0, 1}, {1, 2}, {2, 3}, {3, 1}, {4, 2}, {5, 3}});
  const auto report = run_it(asked);
  CHECK(report.faults.empty());
  CHECK(curve_of(report, "confirmation").count == 60);
  CHECK(curve_of(report, "delivery").count == 10 * 2 * (0 + 1 + 2));
  CHECK(value_of(report, "server's CPU a message") > 0);
}

TEST_CASE(
    "options: the members of each room, and the first members of rooms, go to the servers "
    "in turn") {
  options asked;
  asked.urls.resize(2);
  const auto servers = [&asked] {
    std::map<std::size_t, std::string> found;
    for (std::size_t i = 0; i < asked.connections; ++i)
      found[asked.room_of(i)] += std::to_string(asked.server_of(i));
    return found;
  };
  asked.connections = 10;
  asked.rooms = 1;
  CHECK(servers() == std::map<std::size_t, std::string>{{0, "0101010101"}});
  asked.rooms = 4;
  CHECK(servers() ==
        std::map<std::size_t, std::string>{{0, "010"}, {1, "101"}, {2, "01"}, {3, "10"}});
  asked.connections = asked.rooms = 3;
  CHECK(servers() == std::map<std::size_t, std::string>{{0, "0"}, {1, "1"}, {2, "0"}});
  asked.connections = 12;
  asked.rooms = 6;
  asked.largest_room = 3;
  CHECK(servers() == std::map<std::size_t, std::string>{
                         {0, "0"}, {1, "10"}, {2, "010"}, {3, "1"}, {4, "01"}, {5, "101"}});
}

TEST_CASE("smoke: with two servers, whatever does not reach the members on the other is lost") {
  const served_chat one;
  const served_chat other;
  auto asked = small_load("fanout", one.url());
  asked.urls.push_back(other.url());
  asked.server_pids = {one.process(), other.process()};
  asked.connections = 8;
  asked.rooms = 1;
  asked.senders = 1;
  asked.messages = 10;
  asked.patience = milliseconds{500};
  const auto apart = run_it(asked);
  std::map<std::string, std::uint64_t> faults{apart.faults.begin(), apart.faults.end()};
  CHECK(faults["lost"] == 10 * 4);
  CHECK(curve_of(apart, "delivery").count == 10 * 3);
  CHECK(value_of(apart, "server's CPU a message") > 0);
  // Where each client is alone in its room, nothing is.
  asked = small_load("send", one.url());
  asked.urls.push_back(other.url());
  asked.rooms = asked.senders = asked.connections;
  CHECK(run_it(asked).faults.empty());
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
  const auto at_rate = run_it(asked);
  CHECK(at_rate.faults.empty());
  CHECK(curve_of(at_rate, "from the ack to the last member").count > 0);
  asked.rate = 0;
  asked.event = event_kind::typing;
  CHECK(run_it(asked).faults.empty());
}

TEST_CASE("smoke: at a rate, what was due while the server stalled tells how long it did") {
  const served_chat chat;
  const faulty_proxy proxy{chat.port(), mischief::stall, 200};
  auto asked = small_load("fanout", proxy.url());
  asked.connections = asked.senders = 10;
  asked.rooms = 1;
  asked.rate = 100;
  asked.messages = 100;
  const auto report = run_it(asked);
  CHECK(report.faults.empty());
  const auto& delivery = curve_of(report, "delivery");
  // The stall is over once that many more messages were sent, none of which was sent before it
  // was due.
  const auto stall = faulty_proxy::stalled_sends * milliseconds{10};
  CHECK(quantile_of(delivery, 1.0) >= in_ns(stall));
  // A fifth of all were due in the first half of it.
  CHECK(quantile_of(delivery, 0.9) >= in_ns(stall / 2));
}

TEST_CASE("smoke: a sender that gets its ack and its message too is served by ack_and_echo") {
  const served_chat chat{{"--echo-to-sender"}};
  auto asked = small_load("fanout", chat.url());
  const auto with = [&asked](const std::string& confirm) {
    const dialect_file words{"[send]\nconfirm = \"" + confirm + "\"\n"};
    asked.dialect_file = words.path();
    return run_it(asked).faults;
  };
  CHECK(with("ack_and_echo").empty());
  CHECK(with("echo").empty());
  CHECK_FALSE(with("ack").empty());
}

TEST_CASE("smoke: where acks need not be in order, all the rest still is") {
  const served_chat chat;
  const dialect_file words{"[send]\nack_in_order = false\n"};
  auto asked = small_load("fanout", chat.url());
  asked.dialect_file = words.path();
  asked.messages = 200;
  const auto report = run_it(asked);
  CHECK(report.faults.empty());
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

TEST_CASE("smoke: storm finds nothing wrong in any of its phases") {
  const served_chat chat;
  auto asked = small_load("storm", chat.url());
  asked.cycles = 8;
  const auto report = run_it(asked);
  CHECK(report.faults.empty());
  CHECK(value_of(report, "connects") > 0);
  CHECK(value_of(report, "time until all are back") > 0);
  CHECK(value_of(report, "cycles") > 0);
  asked.phase = storm_phase::churn;
  asked.transport = transport_kind::polling;
  asked.rate = 50;
  const auto churn = run_it(asked);
  CHECK(churn.faults.empty());
  CHECK(value_of(churn, "cycles") > 0);
}

TEST_CASE("smoke: storm at a rate beyond all means counts the cycles that never began") {
  const served_chat chat;
  auto asked = small_load("storm", chat.url());
  asked.phase = storm_phase::churn;
  asked.connections = 4;
  asked.rate = 200'000;
  const auto report = run_it(asked);
  CHECK(report.faults.empty());
  const auto never = value_of(report, "cycles that were due and never began");
  CHECK(never > 0);
  const auto& cycle = curve_of(report, "cycle");
  CHECK(static_cast<double>(cycle.count) > never);
  // Nearly all of them wait, from moments that are spread over the second.
  CHECK(quantile_of(cycle, 0.5) >= in_ns(asked.duration) / 10);
}

TEST_CASE("smoke: jitter finds that whoever comes back has missed nothing") {
  const served_chat chat;
  auto asked = small_load("jitter", chat.url());
  asked.rate = 100;
  asked.every = milliseconds{100};
  asked.away = milliseconds{50};
  const auto report = run_it(asked);
  CHECK(report.faults.empty());
  CHECK(value_of(report, "drops") > 0);
  CHECK(value_of(report, "messages caught up on") > 0);
  CHECK(value_of(report, "messages that arrived") == 1);
}

TEST_CASE("smoke: jitter tells how much arrives where there is no catch-up") {
  const served_chat chat;
  const dialect_file words{"[join]\nsince = \"\"\n"};
  auto asked = small_load("jitter", chat.url());
  asked.dialect_file = words.path();
  asked.rate = 100;
  asked.every = milliseconds{100};
  asked.away = milliseconds{50};
  const auto report = run_it(asked);
  CHECK(report.faults.empty());
  CHECK(value_of(report, "messages that arrived") < 1);
  CHECK(value_of(report, "messages that arrived") > 0);
}

TEST_CASE("smoke: slow finds that whoever reads gets everything") {
  const served_chat chat;
  auto asked = small_load("slow", chat.url());
  const auto report = run_it(asked);
  CHECK(report.faults.empty());
  CHECK(value_of(report, "slow readers") == 16);
  asked.read_rate = 10'000;
  CHECK(run_it(asked).faults.empty());
}

TEST_CASE("smoke: hostile finds that those who behave get everything") {
  const served_chat chat{{"--header-timeout", "300ms", "--body-timeout", "300ms"}};
  auto asked = small_load("hostile", chat.url());
  asked.rate = 100;
  asked.attackers = 36;
  const auto report = run_it(asked);
  CHECK(report.faults.empty());
  CHECK(value_of(report, "attackers' connections") > 36);
  CHECK(value_of(report, "attackers' connections that the server ended") > 0);
  CHECK(value_of(report, "p99 of the good clients, against quiet") > 0);
}

TEST_CASE("smoke: history finds every message of every room on its pages") {
  const served_chat chat;
  auto asked = small_load("history", chat.url());
  asked.messages = 500;
  asked.page = 20;
  asked.readers = 3;
  const auto report = run_it(asked);
  CHECK(report.faults.empty());
  CHECK(value_of(report, "histories read") > 0);
}

TEST_CASE("smoke: history notices pages that are not the room's") {
  const served_chat chat;
  auto asked = small_load("history", chat.url());
  asked.messages = 200;
  asked.page = 20;
  asked.readers = 1;
  const auto fault_with = [&asked](const std::string& http_words) {
    const dialect_file words{"[http]\n" + http_words};
    asked.dialect_file = words.path();
    const auto faults = run_it(asked).faults;
    return faults.empty() ? std::string{} : faults.front().first;
  };
  // A path that drops the place where the next page begins returns the newest page again.
  CHECK(fault_with("older = \"\"") == "reordered");
  CHECK(fault_with("newest_first = true") == "reordered");
  CHECK(fault_with("page = \"/nowhere\"") == "refused");
  CHECK(fault_with("page = \"/api/rooms\"") == "lost");
}

TEST_CASE("smoke: a proxy that spoils nothing is not noticed") {
  CHECK(faults_with(mischief::none).empty());
}

TEST_CASE("smoke: a message that is dropped is lost") {
  auto faults = faults_with(mischief::drop);
  CHECK(faults["lost"] == 1);
  CHECK(faults["silence"] == 1);
  // If the client that missed it is the first to get the next one, the others' order counts as
  // wrong.
  faults.erase("reordered");
  CHECK(faults.size() == 2);
}

TEST_CASE("smoke: a message that comes twice is a duplicate") {
  CHECK(faults_with(mischief::repeat) ==
        std::map<std::string, std::uint64_t>{{"duplicate", 1}});
}

TEST_CASE("smoke: messages that change places are out of order") {
  // If the client that gets them so is the first to have them, all the others disagree with it.
  const auto faults = faults_with(mischief::swap);
  REQUIRE(faults.size() == 1);
  CHECK(faults.contains("reordered"));
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
  asked.server_pids = {::getpid(), 99'999'999}; // beyond the highest number that Linux assigns
  CHECK_THAT(run_scenario(asked).error(), Catch::Contains("no process"));
  asked.server_pids.clear();
  asked.connections = 99'000'000;
  CHECK_THAT(run_scenario(asked).error(), Catch::Contains("may open"));
}
