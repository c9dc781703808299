#pragma once

#include "tests/support/server_script.hpp"

#include <string>
#include <vector>

namespace hubbub::test {

/// A PostgreSQL server of a test's own, which ends with it. Settings are PostgreSQL's,
/// NAME=VALUE.
class postgres_server {
 public:
  explicit postgres_server(const std::vector<std::string>& settings = {});

  /// Returns its URL.
  [[nodiscard]] const std::string& address() const { return address_; }
  /// Returns the address of one server for all tests that need no server of their own: the one
  /// that the environment names by HUBBUB_TEST_POSTGRES, or one that is started for this
  /// process. Its data does not survive a loss of power.
  [[nodiscard]] static const std::string& shared();

 private:
  server_script script_;
  std::string address_;
};

/// A schema in the shared server that nobody else uses, given as an address; dropped at the
/// end.
class postgres_schema {
 public:
  postgres_schema();
  postgres_schema(const postgres_schema&) = delete;
  postgres_schema& operator=(const postgres_schema&) = delete;
  ~postgres_schema();

  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::string address_;
};

/// Runs a script of SQL, bypassing the store.
void run_sql(const std::string& address, const std::string& script);
/// Returns the first column of the first row as text.
[[nodiscard]] std::string sql_value(const std::string& address, const std::string& query);

} // namespace hubbub::test
