// Search, through an actor of its own, so that it does not delay history.
#include "actors/store/queries.hpp"
#include "actors/store/store_errors.hpp"
#include "net/api/api_service.hpp"
#include "proto/chat/api_body.hpp"
#include "proto/chat/chat_event.hpp"

#include <chrono>

namespace hubbub {
namespace {

/// Maximum number of searches that one io thread may have under way.
constexpr std::size_t max_searches = 64;

} // namespace

void api_service::search_room(const api_call_ptr& call, const std::string& id) {
  const auto room = parse_room_id(id);
  if (!room) return call->fail(room.error());
  find_readable(call, *room,
                [this, call](const room_record& found) { search(call, found.id); });
}

void api_service::search_all(const api_call_ptr& call) {
  search(call, std::nullopt);
}

void api_service::search(const api_call_ptr& call, std::optional<room_id> room) {
  const auto terms = parse_search_terms(call->request().query);
  if (!terms) return call->fail(terms.error());
  if (searches_ >= max_searches) {
    count(refused_by::searches);
    return call->fail(search_overload());
  }
  ++searches_;
  search_request question{to_search(room, *terms),
                          std::chrono::steady_clock::now() + search_patience};
  question.query.viewer = viewer_of(*call->access(), setup_->clock());
  compat::request(this, setup_->actors.searcher, search_patience, question)
      .then([this, call](const search_outcome& outcome) { on_found(call, outcome); },
            [this, call](const caf::error&) { on_found(call, std::nullopt); });
}

/// Answers a search; without an outcome it took too long.
void api_service::on_found(const api_call_ptr& call,
                           const std::optional<search_outcome>& outcome) {
  --searches_;
  if (!outcome)
    call->fail(search_overload());
  else if (!*outcome)
    call->fail(to_error(outcome->error()));
  else
    call->answer_json(200, results_json(join_json((*outcome)->results), (*outcome)->has_more));
}

} // namespace hubbub
