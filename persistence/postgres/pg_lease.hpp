#pragma once

#include "persistence/node_lease.hpp"
#include "persistence/postgres/pg_exchange.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hubbub {

/// The lease of a node in the database. Each run has a row in `node_leases`, which lasts while
/// it is renewed, and its members' states in `run_members`, each with the number of its last
/// change. Another node reads what has a higher number than what it read last. Nothing is
/// deleted that another node has yet to read: a state without sockets stays for a while, and a
/// node that reads more seldom has lost its own lease by then.
class pg_lease final : public node_lease {
 public:
  pg_lease(std::string address, std::int64_t node)
      : address_(std::move(address)), node_(node) {}

  [[nodiscard]] expected<lease_news, store_error>
  renew(const lease_report& report, std::chrono::milliseconds length) override;

 private:
  [[nodiscard]] pg::connection* connected();
  void begin(pg::exchange& all, const lease_report& report, std::chrono::milliseconds length,
             lease_news& news);
  void tell(pg::exchange& all, const lease_report& report);
  void ask(pg::exchange& all, const lease_report& report, lease_news& news);
  void forget(pg::exchange& care, const std::vector<taken_session>& told) const;
  void tidy(std::chrono::steady_clock::time_point now);

  std::string address_;
  std::int64_t node_;
  std::optional<pg::connection> open_;
  node_run run_ = 0;
  std::vector<node_run> unsure_; ///< runs that may have begun, although their reports failed
  std::int64_t changes_ = 0;     ///< of this run, as they were numbered
  std::map<node_run, std::int64_t> read_;  ///< other runs, and up to where each was read
  std::map<node_run, std::int64_t> found_; ///< the same, as the present reads find it
  std::vector<taken_session> taken_;       ///< as they were told last
  std::chrono::steady_clock::time_point looked_{};
  std::chrono::steady_clock::time_point tidied_{};
  std::int64_t settled_ = 0; ///< the number of changes when it was tidied last
};

} // namespace hubbub
