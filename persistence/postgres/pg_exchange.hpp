#pragma once

#include "persistence/postgres/pg_connection.hpp"

#include <chrono>
#include <functional>
#include <utility>
#include <vector>

namespace hubbub::pg {

/// One round trip: statements, each with the function that takes its rows.
class exchange {
 public:
  using taker = std::function<void(const result&)>;

  explicit exchange(connection& open) : open_(open) {}

  void add(const statement& what, const parameters& arguments = {}, taker take = {}) {
    open_.queue(what, arguments);
    takers_.push_back(std::move(take));
  }
  /// Sends the statements, and hands out the rows once every statement has succeeded.
  [[nodiscard]] expected<void, failure> run(std::chrono::milliseconds patience) {
    auto results = open_.finish(patience);
    if (!results) return unexpected(std::move(results.error()));
    for (std::size_t i = 0; i < results->size() && i < takers_.size(); ++i)
      if (takers_[i]) takers_[i]((*results)[i]);
    return {};
  }

 private:
  connection& open_;
  std::vector<taker> takers_; ///< one for each statement, in the same order
};

} // namespace hubbub::pg
