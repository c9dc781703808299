#include "tests/support/postgres_server.hpp"

#include "tests/support/server_script.hpp"

#include <libpq-fe.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace hubbub::test {

namespace {

struct closer {
  void operator()(PGconn* open) const { PQfinish(open); }
};
struct clearer {
  void operator()(PGresult* rows) const { PQclear(rows); }
};

std::string run(const std::string& address, const std::string& script) {
  const std::unique_ptr<PGconn, closer> open{PQconnectdb(address.c_str())};
  PQsetNoticeProcessor(
      open.get(), [](void*, const char*) {}, nullptr);
  const std::unique_ptr<PGresult, clearer> rows{PQexec(open.get(), script.c_str())};
  const auto state = PQresultStatus(rows.get());
  if (state != PGRES_COMMAND_OK && state != PGRES_TUPLES_OK)
    throw std::runtime_error(PQerrorMessage(open.get()));
  return PQntuples(rows.get()) > 0 ? PQgetvalue(rows.get(), 0, 0) : "";
}

} // namespace

postgres_server::postgres_server(const std::vector<std::string>& settings)
    : script_("postgres_server.sh", settings), address_(script_.first_line()) {
  if (address_.empty())
    throw std::runtime_error("no PostgreSQL: install the package postgresql-15");
}

const std::string& postgres_server::shared() {
  static const std::string address = [] {
    if (const auto* named = std::getenv("HUBBUB_TEST_POSTGRES")) return std::string{named};
    static const postgres_server server{
        {"fsync=off", "full_page_writes=off", "max_connections=200"}};
    return server.address();
  }();
  return address;
}

postgres_schema::postgres_schema() {
  static int count = 0;
  name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
  const auto& server = postgres_server::shared();
  address_ = server + (server.find('?') == std::string::npos ? "?" : "&") +
             "options=-csearch_path%3D" + name_;
}

postgres_schema::~postgres_schema() {
  try {
    run(postgres_server::shared(), "DROP SCHEMA IF EXISTS " + name_ + " CASCADE");
  } catch (const std::exception&) { // the schema is gone with its server
  }
}

void run_sql(const std::string& address, const std::string& script) {
  run(address, script);
}

std::string sql_value(const std::string& address, const std::string& query) {
  return run(address, query);
}

} // namespace hubbub::test
