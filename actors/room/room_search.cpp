// A search waits for what its session sent before; nothing waits for a search.
#include "actors/room/room.hpp"
#include "actors/store/queries.hpp"

#include <memory>
#include <utility>

namespace hubbub {

namespace {

/// Searches one room may have under way: they are worth less than what else the server does.
constexpr std::size_t max_searches = 32;

} // namespace

const error& search_overload() {
  static const error why{error_code::overloaded, "too many searches at once; try again soon"};
  return why;
}

void room::run(room_request& request, const search_messages& command) {
  if (searches_ >= max_searches) {
    count(refused_by::searches);
    return outbox_.refuse(request, search_overload());
  }
  ++searches_;
  const search_request question{to_search(id_, command.terms),
                                std::chrono::steady_clock::now() + search_patience};
  const auto asked = std::make_shared<const room_request>(std::move(request));
  compat::request(this, setup_->searcher, search_patience, question)
      .then([this, asked](const search_outcome& outcome) { on_found(*asked, outcome); },
            [this, asked](const caf::error&) { on_found(*asked, std::nullopt); });
}

/// Without an outcome the search took too long.
void room::on_found(const room_request& request, const std::optional<search_outcome>& outcome) {
  --searches_;
  if (!outcome)
    outbox_.refuse(request, search_overload());
  else if (!*outcome)
    outbox_.refuse(request, to_error(outcome->error()));
  else
    outbox_.answer(request, request.ack
                                ? results_ack(*request.ack, join_json((*outcome)->results),
                                              (*outcome)->has_more)
                                : nullptr);
  retire_if_idle();
  flush();
}

} // namespace hubbub
