#pragma once

#include "persistence/sqlite/file_lock.hpp"
#include "persistence/sqlite/sqlite_handle.hpp"
#include "persistence/store.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace hubbub {

/// Opens the database for its writer: refuses a file that is not ours or not understood,
/// migrates, and sets the mode. The error is one sentence.
[[nodiscard]] expected<sqlite::database, std::string> open_database(const store_config& config);

/// A SQLite database. A file is in WAL mode: one writing connection, any number of reading
/// ones. A database in memory has one connection for all.
class sqlite_store final : public store {
 public:
  [[nodiscard]] static expected<std::unique_ptr<store>, std::string>
  open(const store_config& config);
  /// See `look_at_store`.
  [[nodiscard]] static expected<schema_versions, std::string>
  look_at(const store_config& config);

  [[nodiscard]] std::unique_ptr<store_writer> writer() override;
  [[nodiscard]] std::unique_ptr<store_reader> reader() override;
  [[nodiscard]] std::unique_ptr<store_upkeep> upkeep() override;
  [[nodiscard]] const std::array<std::uint8_t, 16>& secret() const override { return secret_; }
  [[nodiscard]] bool single_threaded() const override { return memory_ != nullptr; }

 private:
  sqlite_store() = default;

  std::optional<file_lock> lock_;
  std::string path_;
  std::array<std::uint8_t, 16> secret_{};
  std::shared_ptr<sqlite::database> memory_;
  std::unique_ptr<store_writer> writer_; // held here until it is asked for
};

} // namespace hubbub
