#include "persistence/postgres/pg_connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace hubbub::pg {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds rollback_patience{1000};

/// Cuts a message down to its first line: libpq's messages end with a line feed, and lines of
/// detail may follow.
std::string one_line(const char* message) {
  std::string text = message ? message : "";
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

void note_warning(void* warned, const PGresult* notice) {
  const char* state = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
  // 01000 warns of a COMMIT that was not replicated as it should have been.
  if (state && std::string_view{state} == "01000") *static_cast<bool*>(warned) = true;
}

int left(clock::time_point until) {
  const auto rest =
      std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(rest, 0, 60'000));
}

failure failure_of(const PGresult* rows) {
  const char* state = PQresultErrorField(rows, PG_DIAG_SQLSTATE);
  const char* primary = PQresultErrorField(rows, PG_DIAG_MESSAGE_PRIMARY);
  return {.connection_lost = false,
          .sqlstate = state ? state : "",
          .message = primary ? primary : one_line(PQresultErrorMessage(rows))};
}

} // namespace

store_error error_of(const failure& why) {
  const std::string_view state{why.sqlstate};
  if (state == "53100") return store_error::full;
  if (state == "XX001" || state == "XX002") return store_error::corrupt;
  return store_error::io;
}

bool is_worth_a_repeat(const failure& why) {
  return !why.connection_lost && (why.sqlstate == "40001" || why.sqlstate == "40P01");
}

void result::clearer::operator()(pg_result* rows) const noexcept {
  PQclear(rows);
}

result::result(pg_result* rows) : rows_(rows) {}

int result::size() const {
  return PQntuples(rows_.get());
}

std::int64_t result::changes() const {
  return std::strtoll(PQcmdTuples(rows_.get()), nullptr, 10);
}

bool result::is_null(int row, int column) const {
  return PQgetisnull(rows_.get(), row, column) != 0;
}

std::int64_t result::integer(int row, int column) const {
  const auto length = PQgetlength(rows_.get(), row, column);
  const auto* bytes =
      reinterpret_cast<const unsigned char*>(PQgetvalue(rows_.get(), row, column));
  // A shorter integer keeps its sign.
  std::uint64_t value = length > 0 && (bytes[0] & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (int i = 0; i < length; ++i)
    value = value << 8U | bytes[i];
  return static_cast<std::int64_t>(value);
}

bool result::boolean(int row, int column) const {
  return !is_null(row, column) && *PQgetvalue(rows_.get(), row, column) != 0;
}

std::string result::text(int row, int column) const {
  return {PQgetvalue(rows_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(rows_.get(), row, column))};
}

bool result::bytes(int row, int column, std::span<std::uint8_t> target) const {
  if (static_cast<std::size_t>(PQgetlength(rows_.get(), row, column)) != target.size())
    return false;
  std::memcpy(target.data(), PQgetvalue(rows_.get(), row, column), target.size());
  return true;
}

void connection::closer::operator()(pg_conn* handle) const noexcept {
  PQfinish(handle);
}

connection::connection(pg_conn* handle)
    : handle_(handle), database_(PQdb(handle)), warned_(std::make_unique<bool>(false)) {
  PQsetNoticeReceiver(handle, note_warning, warned_.get());
}

expected<connection, std::string> connection::open(const std::string& address,
                                                   std::chrono::milliseconds patience) {
  // The address is applied last, so its settings override these.
  const char* const keywords[] = {"application_name",
                                  "client_encoding",
                                  "keepalives_idle",
                                  "keepalives_interval",
                                  "tcp_user_timeout",
                                  "dbname",
                                  nullptr};
  const char* const values[] = {"hubbub", "UTF8", "5", "2", "10000", address.c_str(), nullptr};
  std::unique_ptr<pg_conn, closer> handle{PQconnectStartParams(keywords, values, 1)};
  if (!handle) return unexpected(std::string{"out of memory"});
  const auto until = clock::now() + patience;
  for (auto state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;
       state = PQconnectPoll(handle.get())) {
    if (state == PGRES_POLLING_FAILED || PQstatus(handle.get()) == CONNECTION_BAD)
      return unexpected(one_line(PQerrorMessage(handle.get())));
    pollfd waits{PQsocket(handle.get()),
                 static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    if (::poll(&waits, 1, left(until)) <= 0 && clock::now() >= until)
      return unexpected(std::string{"it does not answer"});
  }
  if (PQsetnonblocking(handle.get(), 1) != 0 || PQenterPipelineMode(handle.get()) != 1)
    return unexpected(one_line(PQerrorMessage(handle.get())));
  return connection{handle.release()};
}

void connection::queue(const statement& what, const parameters& arguments) {
  if (broken_) return;
  if (prepared_.insert(what.name).second) {
    broken_ = PQsendPrepare(handle_.get(), what.name, what.sql, 0, nullptr) != 1;
    queued_.push_back(what.name);
  }
  if (broken_) return;
  const auto at = arguments.point();
  broken_ = PQsendQueryPrepared(handle_.get(), what.name, arguments.size(), at.values.data(),
                                at.lengths.data(), at.formats.data(), 1) != 1;
  queued_.push_back(nullptr);
}

bool connection::wait(deadline until) {
  const int flushed = PQflush(handle_.get());
  if (flushed < 0) return false;
  pollfd waits{PQsocket(handle_.get()),
               static_cast<short>(flushed > 0 ? POLLIN | POLLOUT : POLLIN), 0};
  const int ready = ::poll(&waits, 1, left(until));
  if (ready < 0) return errno == EINTR;
  if (ready == 0) return clock::now() < until;
  if ((waits.revents & (POLLIN | POLLERR | POLLHUP)) != 0)
    return PQconsumeInput(handle_.get()) == 1;
  return true;
}

std::optional<pg_result*> connection::next_result(deadline until) {
  while (PQisBusy(handle_.get()) == 1)
    if (!wait(until)) {
      broken_ = true;
      return std::nullopt;
    }
  return PQgetResult(handle_.get());
}

failure connection::lost() const {
  auto message = one_line(PQerrorMessage(handle_.get()));
  return {.connection_lost = true,
          .sqlstate = {},
          .message = message.empty() ? "it does not answer" : std::move(message)};
}

expected<std::vector<result>, failure> connection::finish(std::chrono::milliseconds patience) {
  const auto queued = std::exchange(queued_, {});
  if (broken_ || PQpipelineSync(handle_.get()) != 1) {
    broken_ = true;
    return unexpected(lost());
  }
  const auto until = clock::now() + patience;
  std::vector<result> results;
  results.reserve(queued.size());
  std::optional<failure> first;
  for (std::size_t done = 0;;) {
    const auto next = next_result(until);
    if (!next) return unexpected(lost());
    if (!*next) { // the end of one statement
      if (++done > queued.size()) {
        broken_ = true;
        return unexpected(lost());
      }
      continue;
    }
    result rows{*next};
    const auto state = PQresultStatus(*next);
    if (state == PGRES_PIPELINE_SYNC) break;
    if (state == PGRES_FATAL_ERROR || state == PGRES_PIPELINE_ABORTED) {
      if (!first) first = failure_of(*next);
      if (is_lost()) { // nothing more will come
        broken_ = true;
        first->connection_lost = true;
        return unexpected(*std::move(first));
      }
      // A statement that was prepared stays prepared, whatever becomes of the transaction.
      if (done < queued.size() && queued[done]) prepared_.erase(queued[done]);
    } else if (done < queued.size() && !queued[done]) {
      results.push_back(std::move(rows));
    }
  }
  if (!first) return results;
  if (is_lost()) first->connection_lost = true;
  return unexpected(*std::move(first));
}

expected<void, failure> connection::run_script(const std::string& script,
                                               std::chrono::milliseconds patience) {
  if (PQexitPipelineMode(handle_.get()) != 1 ||
      PQsendQuery(handle_.get(), script.c_str()) != 1) {
    broken_ = true;
    return unexpected(lost());
  }
  const auto until = clock::now() + patience;
  std::optional<failure> first;
  for (;;) {
    const auto next = next_result(until);
    if (!next) return unexpected(lost());
    if (!*next) break;
    const result rows{*next};
    if (PQresultStatus(*next) == PGRES_FATAL_ERROR && !first) first = failure_of(*next);
  }
  if (PQenterPipelineMode(handle_.get()) != 1) {
    broken_ = true;
    return unexpected(lost());
  }
  if (!first) return {};
  first->connection_lost = is_lost();
  return unexpected(*std::move(first));
}

void connection::roll_back() {
  static constexpr statement end{"roll_back", "ROLLBACK"};
  if (is_lost()) return;
  queue(end);
  if (!finish(rollback_patience)) broken_ = true;
}

bool connection::take_warning() {
  return std::exchange(*warned_, false);
}

bool connection::is_lost() const {
  return broken_ || PQstatus(handle_.get()) != CONNECTION_OK;
}

bool connection::take_notifications(const notification_taker& take) {
  const bool alive = PQconsumeInput(handle_.get()) == 1;
  while (auto* heard = PQnotifies(handle_.get())) {
    take(heard->relname, heard->extra);
    PQfreemem(heard);
  }
  return alive && !is_lost();
}

int connection::descriptor() const {
  return PQsocket(handle_.get());
}

int connection::server_version() const {
  return PQserverVersion(handle_.get());
}

} // namespace hubbub::pg
