#include "actors/room/room_search.hpp"

#include "actors/store/queries.hpp"
#include "actors/store/store_errors.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace hubbub {

namespace {

/// Maximum number of searches of one room under way: they matter less than the server's other
/// work.
constexpr std::size_t max_searches = 32;

} // namespace

void room_search::run(room_request& request, const command::search_messages& command) {
  if (searches_ >= max_searches) {
    core_.count(refused_by::searches);
    return core_.outbox.refuse(request, search_overload());
  }
  ++searches_;
  core_.life.begin_work();
  const search_request question{to_search(core_.id(), command.terms),
                                std::chrono::steady_clock::now() + search_patience};
  const auto asked = std::make_shared<const room_request>(std::move(request));
  compat::request(core_.self, core_.setup->searcher, search_patience, question)
      .then([this, asked](const search_outcome& outcome) { on_found(*asked, outcome); },
            [this, asked](const caf::error&) { on_found(*asked, std::nullopt); });
}

/// Answers a search; without an outcome it took too long.
void room_search::on_found(const room_request& request,
                           const std::optional<search_outcome>& outcome) {
  const auto& socket = request.socket();
  --searches_;
  core_.life.end_work();
  if (!outcome)
    core_.outbox.refuse(request, search_overload());
  else if (!*outcome)
    core_.outbox.refuse(request, to_error(outcome->error()));
  else
    core_.outbox.answer(socket, socket.ack
                                    ? results_ack(*socket.ack, join_json((*outcome)->results),
                                                  (*outcome)->has_more)
                                    : nullptr);
  core_.retire_if_idle();
  core_.flush();
}

} // namespace hubbub
