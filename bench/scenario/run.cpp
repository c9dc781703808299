#include "bench/scenario/run.hpp"

#include "bench/scenario/scenario.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>

#include <cstring>
#include <string>

namespace hubbub::bench {
namespace {

/// Files needed besides the clients' connections: POSTs, files, the loop.
constexpr std::size_t spare_files = 200;
/// Connections made from one address, of the 28,000 ports that it has. Linux first takes every
/// second port, and once those are used it looks at all of them for each new connection.
constexpr std::size_t ports_of_an_address = 10'000;

/// Raises the limit of open files, since a shell allows fewer than a run needs.
expected<void, std::string> allow_files(std::size_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (count + spare_files > limit.rlim_max)
    return unexpected(std::to_string(count) + " connections need more files than the " +
                      std::to_string(limit.rlim_max) + " that this process may open");
  return {};
}

bool is_loopback(const endpoint& server) {
  if (server.address.ss_family != AF_INET) return false;
  sockaddr_in address{};
  std::memcpy(&address, &server.address, sizeof address);
  return ntohl(address.sin_addr.s_addr) >> 24U == IN_LOOPBACKNET;
}

std::size_t sources_for(const options& asked, const endpoint& server) {
  if (asked.source_addresses > 0 || !is_loopback(server)) return asked.source_addresses;
  return asked.connections < ports_of_an_address ? 0
                                                 : asked.connections / ports_of_an_address + 1;
}

void write_faults(run& of) {
  for (std::size_t i = 0; i < fault_names.size(); ++i)
    if (const auto count = of.faults.count(static_cast<fault>(i)); count > 0)
      of.report.faults.emplace_back(fault_names[i], count);
  of.report.examples = of.faults.examples();
}

/// Looks up all servers. The error is a sentence.
expected<std::vector<endpoint>, std::string> find_servers(const options& asked) {
  std::vector<endpoint> servers;
  for (const auto& url : asked.urls) {
    auto server = find_endpoint(url);
    if (!server) return unexpected(server.error());
    server->sources = sources_for(asked, *server);
    servers.push_back(std::move(*server));
  }
  return servers;
}

} // namespace

run::run(const options& o, const dialect& d, const std::vector<endpoint>& e)
    : asked(o), words(d), servers(e), measure(loop, o.server_pids),
      clients(loop, servers, words, asked, faults, measure.counts),
      shown(loop, measure.counts, o.progress) {}

expected<run_report, std::string> run_scenario(const options& asked) {
  dialect words;
  if (!asked.dialect_file.empty()) {
    auto read = read_dialect(asked.dialect_file);
    if (!read) return unexpected(read.error());
    words = std::move(*read);
  }
  const auto servers = find_servers(asked);
  if (!servers) return unexpected(servers.error());
  const auto connections =
      asked.connections + (asked.scenario == "hostile" ? asked.attackers : 0);
  if (auto done = allow_files(connections); !done) return unexpected(done.error());

  for (const auto process : asked.server_pids)
    if (usage_of(process).resident == 0)
      return unexpected("there is no process " + std::to_string(process));

  run of{asked, words, *servers};
  of.report.scenario = asked.scenario;
  of.report.label = asked.label.empty() ? words.name : asked.label;
  of.report.settings = describe(asked);
  for (const auto& scenario : scenarios)
    if (scenario.name == asked.scenario) scenario.run_it(of);
  of.shown.clear();
  of.report.samples = of.measure.samples();
  write_faults(of);
  return std::move(of.report);
}

} // namespace hubbub::bench
