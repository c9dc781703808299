#include "tests/support/postgres_server.hpp"

#include <fcntl.h>
#include <libpq-fe.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>

namespace hubbub::test {

namespace {

std::string script_path() {
  auto root = std::filesystem::current_path();
  while (!exists(root / "tests" / "support") && root.has_relative_path())
    root = root.parent_path();
  return (root / "tests" / "support" / "postgres_server.sh").string();
}

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

postgres_server::postgres_server(const std::vector<std::string>& settings) {
  std::array<int, 2> to{};
  std::array<int, 2> from{};
  if (::pipe2(to.data(), O_CLOEXEC) != 0 || ::pipe2(from.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  const auto path = script_path();
  std::vector<std::string> words{path};
  words.insert(words.end(), settings.begin(), settings.end());
  std::vector<char*> arguments;
  for (auto& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  script_ = ::fork();
  if (script_ == 0) {
    ::dup2(to[0], STDIN_FILENO);
    ::dup2(from[1], STDOUT_FILENO);
    ::execv(path.c_str(), arguments.data());
    ::_exit(127);
  }
  ::close(to[0]);
  ::close(from[1]);
  input_ = to[1];
  for (char c = 0; ::read(from[0], &c, 1) == 1 && c != '\n';)
    address_ += c;
  ::close(from[0]);
  if (address_.empty())
    throw std::runtime_error("no PostgreSQL: install the package postgresql-15");
}

postgres_server::~postgres_server() {
  ::close(input_);
  ::waitpid(script_, nullptr, 0);
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
