#include "persistence/sqlite/sqlite_handle.hpp"

#include "persistence/sqlite/sqlite_gathered_log.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <tuple>

namespace hubbub::sqlite {

namespace {

/// Returns the error code of the last call on the WAL. If a COMMIT fails, SQLite keeps it only
/// with the file.
int error_of_log(sqlite3* db) {
  sqlite3_file* log = nullptr;
  if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) != SQLITE_OK)
    return 0;
  int error = 0;
  if (log && log->pMethods)
    std::ignore = log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
  return error;
}

store_error failure_of(sqlite3* db, int code) {
  if (!db) return error_of(code);
  const auto why = error_of(code, sqlite3_system_errno(db));
  return why == store_error::io ? error_of(code, error_of_log(db)) : why;
}

/// Turns off SQLite's memory statistics: with them it takes a lock of the whole process for
/// each allocation. That works only before SQLite's first use; if an embedding program was
/// earlier, it stays as it is.
void count_no_memory() {
  static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  std::ignore = done;
}

/// Returns the path in the form that SQLite takes in a URI: all but the plainest characters are
/// escaped.
std::string uri_of(const std::string& path) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char each : path) {
    const auto byte = static_cast<unsigned char>(each);
    if (plain.find(each) != std::string_view::npos)
      uri += each;
    else
      uri.append({'%', digits[byte >> 4U], digits[byte & 15U]});
  }
  return uri;
}

int open_handle(const std::string& path, access mode, sqlite3** handle) {
  constexpr int all = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (mode) {
  case access::read_write:
    return sqlite3_open_v2(path.c_str(), handle,
                           all | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, gathering_vfs());
  case access::read_only:
    return sqlite3_open_v2(path.c_str(), handle, all | SQLITE_OPEN_READONLY, nullptr);
  case access::immutable:
    return sqlite3_open_v2((uri_of(path) + "?immutable=1").c_str(), handle,
                           all | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
  case access::unshared:
    return sqlite3_open_v2(path.c_str(), handle, all | SQLITE_OPEN_READONLY, "unix-none");
  }
  return SQLITE_MISUSE;
}

/// Keeps the index of the WAL in this process, and leaves the WAL as it is.
int keep_to_oneself(sqlite3* handle) {
  // Only a connection with exclusive locking can do without the file of shared memory.
  const int code =
      sqlite3_exec(handle, "PRAGMA locking_mode = EXCLUSIVE", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return code;
  return sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

} // namespace

store_error error_of(int code, int system_error) {
  switch (code & 0xff) { // the primary code of an extended one
  case SQLITE_FULL: return store_error::full;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB: return store_error::corrupt;
  case SQLITE_IOERR:
    // SQLite recognizes a full disk only in write(). It recognizes neither a quota nor a limit
    // on the size of files, nor a full disk in fsync() or in the file of shared memory.
    return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG
               ? store_error::full
               : store_error::io;
  default: return store_error::io;
  }
}

expected<database, std::string> database::open(const std::string& path, access mode,
                                               int busy_ms) {
  count_no_memory();
  sqlite3* handle = nullptr;
  int code = open_handle(path, mode, &handle);
  database db{handle}; // SQLite requires that a failed handle is closed as well
  if (code == SQLITE_OK && mode == access::unshared) code = keep_to_oneself(handle);
  if (code != SQLITE_OK)
    return unexpected(std::string{handle ? sqlite3_errmsg(handle) : "out of memory"});
  db.wait_for_locks(busy_ms);
  return db;
}

void database::closer::operator()(sqlite3* handle) const noexcept {
  sqlite3_close_v2(handle);
}

void database::wait_for_locks(int busy_ms) {
  sqlite3_busy_timeout(handle_.get(), busy_ms);
}

status database::run(const std::string& script) {
  const int code = sqlite3_exec(handle_.get(), script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return unexpected(failure_of(handle_.get(), code));
  return {};
}

expected<std::string, store_error> database::value(const std::string& query) {
  statement once{*this, query};
  auto result = once.query();
  const auto row = result.next();
  if (!row) return unexpected(row.error());
  return *row ? result.text(0) : std::string{};
}

bool database::in_transaction() const {
  return sqlite3_get_autocommit(handle_.get()) == 0;
}

bool database::is_read_only() const {
  return sqlite3_db_readonly(handle_.get(), "main") != 0;
}

std::string database::last_error() const {
  if (sqlite3_errcode(handle_.get()) == SQLITE_OK) return {};
  return sqlite3_errmsg(handle_.get());
}

rows::~rows() {
  if (statement_) sqlite3_reset(statement_);
}

expected<bool, store_error> rows::next() {
  if (code_ == SQLITE_OK || code_ == SQLITE_ROW) code_ = sqlite3_step(statement_);
  if (code_ == SQLITE_ROW) return true;
  if (code_ == SQLITE_DONE) return false;
  return unexpected(failure_of(statement_ ? sqlite3_db_handle(statement_) : nullptr, code_));
}

std::int64_t rows::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

bool rows::bytes(int column, std::span<std::uint8_t> target) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  if (!bytes || length != target.size()) return false;
  std::memcpy(target.data(), bytes, length);
  return true;
}

std::span<const std::uint8_t> rows::blob(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return {static_cast<const std::uint8_t*>(bytes), bytes ? length : 0};
}

std::string rows::text(int column) const {
  const void* bytes =
      // called before the length is read: it may convert the text
      sqlite3_column_text(statement_, column);
  const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return bytes ? std::string{static_cast<const char*>(bytes), length} : std::string{};
}

bool rows::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

statement::statement(const database& db, std::string_view sql) : statement(db.handle(), sql) {}

void statement::finalizer::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

status statement::prepare() {
  if (const int code = prepare_if_needed(); code != SQLITE_OK)
    return unexpected(failure_of(db_, code));
  return {};
}

std::int64_t statement::changes() const {
  return sqlite3_changes64(db_);
}

int statement::prepare_if_needed() {
  if (statement_) return SQLITE_OK;
  sqlite3_stmt* prepared = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql_.data(), static_cast<int>(sql_.size()),
                                      SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  statement_.reset(prepared);
  return code;
}

int statement::bind(int index, std::int64_t value) {
  return sqlite3_bind_int64(statement_.get(), index, value);
}

int statement::bind(int index, std::string_view value) {
  // A null pointer would bind NULL instead of the empty text.
  return sqlite3_bind_text64(statement_.get(), index, value.data() ? value.data() : "",
                             value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

int statement::bind(int index, std::span<const std::uint8_t> value) {
  return sqlite3_bind_blob64(statement_.get(), index, value.data(), value.size(),
                             SQLITE_STATIC);
}

int statement::bind(int index, pointer value) {
  // SQLite passes it on unchanged, and the function that takes it out makes it const again.
  return sqlite3_bind_pointer(statement_.get(), index, const_cast<void*>(value.value),
                              value.kind, nullptr);
}

int statement::bind_null(int index) {
  return sqlite3_bind_null(statement_.get(), index);
}

transaction::~transaction() {
  // SQLite may have rolled back by itself (a full disk, an I/O error). A rollback only fails if
  // there is nothing to roll back.
  if (db_.in_transaction()) std::ignore = db_.run("ROLLBACK");
}

snapshot::~snapshot() {
  if (db_.in_transaction() && !db_.commit()) std::ignore = db_.run("ROLLBACK");
}

} // namespace hubbub::sqlite
