#pragma once

#include "persistence/postgres/pg_exchange.hpp"
#include "persistence/store.hpp"

#include <span>
#include <vector>

/// Batches of a few appends and nothing else, which need no reads before they are written.
namespace hubbub::pg {

/// Returns true if all of them are appends that one round trip can store.
[[nodiscard]] bool are_few_appends(std::span<const write_op> ops);

/// Adds the statements that store these appends, for which `are_few_appends` is true, and that
/// put their outcomes into `answers`, which must outlive the exchange. Their rooms must be
/// locked by a statement before them, unless there is only one append. What is repeated was
/// remembered at `oldest` or later.
void queue_appends(exchange& all, std::span<const write_op> ops, timestamp now,
                   timestamp oldest, std::vector<write_outcome>& answers);

/// Returns a message as it is first stored, except for its numbers.
[[nodiscard]] message fresh_of(const op::append_message& op, timestamp now);

} // namespace hubbub::pg
