#pragma once

#include "persistence/store.hpp"

#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace hubbub::test {

/// A writer that passes every call to another one; a test overrides the calls that it wants to
/// change.
class writer_around : public store_writer {
 public:
  explicit writer_around(std::unique_ptr<store_writer> real) : real_(std::move(real)) {}

  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) override {
    return real_->commit(ops, now);
  }
  std::vector<foreign_part> take_foreign() override { return real_->take_foreign(); }
  bool purge(timestamp now) override { return real_->purge(now); }
  void stop_writing() override { real_->stop_writing(); }

 private:
  std::unique_ptr<store_writer> real_;
};

} // namespace hubbub::test
