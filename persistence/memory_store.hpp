#pragma once

#include "persistence/store.hpp"

#include <cstdint>
#include <memory>

namespace hubbub {

/// The rooms and their logs in memory, shared by the writer and the readers.
struct memory_log;

/// A store that ends with the process (`:memory:`). The same guarantees as SQLite but for
/// surviving; nothing in it can fail, so a batch always commits.
class memory_store final : public store {
 public:
  explicit memory_store(std::int64_t dedupe_window_ms);

  [[nodiscard]] std::unique_ptr<store_writer> writer() override;
  [[nodiscard]] std::unique_ptr<store_reader> reader() override;
  [[nodiscard]] bool single_threaded() const override { return true; }

 private:
  std::int64_t dedupe_window_ms_;
  std::shared_ptr<memory_log> log_;
};

} // namespace hubbub
