// What the gateway reads from the store.
#include "actors/store/queries.hpp"
#include "actors/store/store_errors.hpp"
#include "net/embed/gateway_service.hpp"
#include "net/embed/request_reader.hpp"
#include "net/embed/wire_values.hpp"
#include "proto/json/json.hpp"

#include <utility>

namespace hubbub {
namespace {

api::message message_in(const std::string& text, std::string_view member) {
  const auto parsed = json::parse(text, max_json_depth);
  if (!parsed) return {};
  return read_message(member.empty() ? parsed->root() : parsed->root().find(member));
}

} // namespace

template <class T, class Then>
void gateway_service::find(due<T> to, const room_ref& room, Then then) {
  ask<room_outcome>(std::move(to), setup_.actors.readers.front(), room,
                    [then = std::move(then)](due<T>& asked, const room_outcome& found) mutable {
                      if (!found) return asked.fail(to_error(found.error()));
                      then(asked, *found);
                    });
}

caf::result<api::history_page> gateway_service::on_history(const api::history& request) {
  auto to = make_due<api::history_page>();
  request_reader read{setup_.settings.limits};
  const auto room = read.room(request.room);
  const auto page = read.finish(read.page(request));
  if (const auto why = page ? refusal() : page.error()) {
    to.fail(*why);
    return to.promise;
  }
  find(to, room, [this, page = *page](due<api::history_page>& asked, const room_record& found) {
    ask<read_outcome>(asked, setup_.actors.readers.front(), to_range(found.id, page),
                      [](due<api::history_page>& last, const read_outcome& messages) {
                        if (!messages) return last.fail(to_error(messages.error()));
                        api::history_page made;
                        for (const auto& each : messages->messages)
                          made.messages.push_back(message_in(each, {}));
                        made.has_more = messages->ends.has_more;
                        made.has_more_before = messages->ends.has_more_before.value_or(false);
                        last.give(std::move(made));
                      });
  });
  return to.promise;
}

caf::result<api::search_page> gateway_service::on_search(const api::search& request) {
  auto to = make_due<api::search_page>();
  request_reader read{setup_.settings.limits};
  const bool in_all = request.room.id == 0 && request.room.name.empty();
  const auto room = in_all ? room_ref{} : read.room(request.room);
  const auto terms = read.finish(read.terms(request));
  if (const auto why = terms ? refusal() : terms.error())
    to.fail(*why);
  else if (in_all)
    search(to, to_search(std::nullopt, *terms));
  else
    find(to, room,
         [this, terms = *terms](due<api::search_page>& asked, const room_record& found) {
           search(asked, to_search(found.id, terms));
         });
  return to.promise;
}

void gateway_service::search(due<api::search_page> to, search_query query) {
  query.viewer = viewer_of(*access_, setup_.clock());
  ask<search_outcome>(
      std::move(to), setup_.actors.searcher,
      search_request{std::move(query), std::chrono::steady_clock::now() + setup_.patience},
      [](due<api::search_page>& asked, const search_outcome& found) {
        if (!found) return asked.fail(to_error(found.error()));
        api::search_page made;
        for (const auto& each : found->results)
          made.messages.push_back(message_in(each, "message"));
        made.has_more = found->has_more;
        asked.give(std::move(made));
      });
}

void gateway_service::show_room(due<api::room> to, const room_record& record) {
  ask<counts_outcome>(std::move(to), setup_.actors.directory, count_members{{record.id}},
                      [record](due<api::room>& asked, const counts_outcome& counts) {
                        if (!counts) return asked.fail(to_error(counts.error()));
                        asked.give(to_public(record, counts->front()));
                      });
}

caf::result<api::room> gateway_service::on_find(const api::find_room& request) {
  auto to = make_due<api::room>();
  request_reader read{setup_.settings.limits};
  const auto room = read.finish(read.room(request.room));
  if (const auto why = room ? refusal() : room.error())
    to.fail(*why);
  else
    find(to, *room,
         [this](due<api::room>& asked, const room_record& found) { show_room(asked, found); });
  return to.promise;
}

caf::result<api::room> gateway_service::on_create(const api::create_room& request) {
  auto to = make_due<api::room>();
  request_reader read{setup_.settings.limits};
  op::create_room made{read.room_name(request.name), read.optional_id("owner", request.owner),
                       request.is_private};
  const auto wanted = read.finish(std::move(made));
  if (const auto why = wanted ? refusal() : wanted.error())
    to.fail(*why);
  else
    ask<room_outcome>(to, setup_.actors.directory, *wanted,
                      [](due<api::room>& asked, const room_outcome& created) {
                        if (!created) return asked.fail(to_error(created.error()));
                        asked.give(to_public(*created, 0));
                      });
  return to.promise;
}

caf::result<api::room_page> gateway_service::on_list(const api::list_rooms& request) {
  auto to = make_due<api::room_page>();
  request_reader read{setup_.settings.limits};
  const auto limit = read.finish(read.number("limit", request.limit, 1, max_room_page));
  if (const auto why = limit ? refusal() : limit.error()) {
    to.fail(*why);
    return to.promise;
  }
  ask<list_outcome>(
      to, setup_.actors.readers.front(),
      hubbub::list_rooms{room_id{request.after}, request.q, *limit + 1,
                         viewer_of(*access_, setup_.clock())},
      [this, limit = *limit](due<api::room_page>& asked, const list_outcome& found) {
        if (!found) return asked.fail(to_error(found.error()));
        api::room_page page;
        std::vector<room_id> ids;
        for (const auto& each : *found) {
          if (std::ssize(page.rooms) == limit) {
            page.next = page.rooms.back().id;
            break;
          }
          page.rooms.push_back(to_public(each, 0));
          ids.push_back(each.id);
        }
        ask<counts_outcome>(
            asked, setup_.actors.directory, count_members{std::move(ids)},
            [page](due<api::room_page>& last, const counts_outcome& counts) mutable {
              if (!counts) return last.fail(to_error(counts.error()));
              for (std::size_t i = 0; i < counts->size() && i < page.rooms.size(); ++i)
                page.rooms[i].members = (*counts)[i];
              last.give(std::move(page));
            });
      });
  return to.promise;
}

caf::result<api::online> gateway_service::on_online() {
  auto to = make_due<api::online>();
  ask<connection_counts>(to, setup_.actors.connection_counter, ask_connection_counts{},
                         [](due<api::online>& asked, const connection_counts& counts) {
                           asked.give({static_cast<std::int64_t>(counts.users)});
                         });
  return to.promise;
}

} // namespace hubbub
