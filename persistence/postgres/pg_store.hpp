#pragma once

#include "persistence/store.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace hubbub {

/// A PostgreSQL database, version 14 or newer, in a schema of its own. One server uses it, or
/// several, each with a `node_id`; each writer and reader has a connection.
class pg_store final : public store {
 public:
  [[nodiscard]] static expected<std::unique_ptr<store>, std::string>
  open(const store_config& config);

  [[nodiscard]] std::unique_ptr<store_writer> writer() override { return std::move(writer_); }
  [[nodiscard]] std::unique_ptr<store_reader> reader() override;
  [[nodiscard]] std::unique_ptr<store_upkeep> upkeep() override { return nullptr; }
  [[nodiscard]] const std::array<std::uint8_t, 16>& secret() const override { return secret_; }
  [[nodiscard]] bool single_threaded() const override { return false; }
  [[nodiscard]] bool is_shared() const override { return is_shared_; }

 private:
  pg_store() = default;

  std::string address_;
  std::array<std::uint8_t, 16> secret_{};
  bool is_shared_ = false;
  std::unique_ptr<store_writer> writer_; // held here until it is asked for
};

} // namespace hubbub
