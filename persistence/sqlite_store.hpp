#pragma once

#include "persistence/file_lock.hpp"
#include "persistence/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <memory>
#include <string>

namespace hubbub {

/// Opens the database for its writer: refuses what is not ours or not understood, migrates, and
/// sets the mode. The error is one sentence.
[[nodiscard]] expected<sqlite::database, std::string> open_database(const store_config& config);

/// A SQLite database in WAL mode: one writing connection, any number of reading ones.
class sqlite_store final : public store {
 public:
  [[nodiscard]] static expected<std::unique_ptr<store>, std::string>
  open(const store_config& config);

  [[nodiscard]] std::unique_ptr<store_writer> writer() override;
  [[nodiscard]] std::unique_ptr<store_reader> reader() override;
  [[nodiscard]] bool single_threaded() const override { return false; }

 private:
  sqlite_store(file_lock lock, std::unique_ptr<store_writer> writer, std::string path);

  file_lock lock_;
  std::unique_ptr<store_writer> writer_; // until it is asked for
  std::string path_;
};

} // namespace hubbub
