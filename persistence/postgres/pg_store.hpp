#pragma once

#include "persistence/sqlite/file_lock.hpp"
#include "persistence/store.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace hubbub {

/// A PostgreSQL database, version 14 or newer, in a schema of its own. One server uses it, or
/// several, each with a `node_id`; each writer and reader has a connection. The search index is
/// a file beside each server.
class pg_store final : public store {
 public:
  [[nodiscard]] static expected<std::unique_ptr<store>, std::string>
  open(const store_config& config);
  /// See `look_at_store`.
  [[nodiscard]] static expected<schema_versions, std::string>
  look_at(const store_config& config);

  [[nodiscard]] std::unique_ptr<store_writer> writer() override { return std::move(writer_); }
  [[nodiscard]] std::unique_ptr<store_reader> reader() override;
  [[nodiscard]] std::unique_ptr<store_upkeep> upkeep() override { return nullptr; }
  [[nodiscard]] const std::array<std::uint8_t, 16>& secret() const override { return secret_; }
  [[nodiscard]] bool single_threaded() const override { return false; }
  [[nodiscard]] std::unique_ptr<node_lease> lease() override;
  [[nodiscard]] bool is_shared() const override { return is_shared_; }

 private:
  pg_store() = default;

  /// Takes the file of the search index for this server.
  [[nodiscard]] expected<void, std::string> take_index(const store_config& config);

  std::string address_;
  index_watch on_index_;
  std::string index_path_; // empty: no search
  std::optional<file_lock> index_lock_;
  std::array<std::uint8_t, 16> secret_{};
  bool is_shared_ = false;
  std::int64_t node_ = 0;
  std::unique_ptr<store_writer> writer_; // held here until it is asked for
};

} // namespace hubbub
