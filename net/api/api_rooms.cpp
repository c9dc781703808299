// Routes of rooms and their members.
#include "actors/room/member_table.hpp"
#include "actors/store/queries.hpp"
#include "actors/store/store_errors.hpp"
#include "net/api/api_service.hpp"
#include "proto/access/permissions.hpp"
#include "proto/chat/api_body.hpp"

#include <optional>

namespace hubbub {
namespace {

/// Cuts a page to its limit. One room more than a page holds tells whether there is a next
/// page.
std::optional<room_id> cut_page(std::vector<room_record>& rooms, std::int64_t limit) {
  if (rooms.size() <= static_cast<std::size_t>(limit)) return std::nullopt;
  rooms.resize(static_cast<std::size_t>(limit));
  return rooms.back().id;
}

} // namespace

void api_service::list_rooms(const api_call_ptr& call) {
  const auto query = parse_rooms_query(call->request().query);
  if (!query) return call->fail(query.error());
  if (const auto why = query->user_id
                           ? permissions::may_act_as(*call->access(), *query->user_id)
                           : std::nullopt)
    return call->fail(*why);
  ask(call, reader_,
      hubbub::list_rooms{query->after, query->q, query->limit + 1,
                         viewer_of(*call->access(), setup_->clock())},
      [this, call, query = *query](list_outcome& found) {
        if (!found) return call->fail(to_error(found.error()));
        auto page = std::make_shared<room_page>();
        page->next = cut_page(*found, query.limit);
        page->rooms = std::move(*found);
        count_rooms(call, page, query.user_id);
      });
}

void api_service::count_rooms(const api_call_ptr& call, const room_page_ptr& page,
                              const std::optional<std::string>& user_id) {
  std::vector<room_id> ids;
  for (const auto& room : page->rooms)
    ids.push_back(room.id);
  ask(call, setup_->actors.directory, count_members{ids},
      [this, call, page, user_id, ids](counts_outcome& counts) {
        if (!counts) return call->fail(to_error(counts.error()));
        page->members_totals = std::move(*counts);
        if (!user_id) return show_page(call, *page);
        add_readings(call, page, {*user_id, ids});
      });
}

void api_service::add_readings(const api_call_ptr& call, const room_page_ptr& page,
                               ask_readings question) {
  ask(call, reader_, std::move(question), [call, page](readings_outcome& readings) {
    if (!readings) return call->fail(to_error(readings.error()));
    page->readings = std::move(*readings);
    show_page(call, *page);
  });
}

void api_service::show_page(const api_call_ptr& call, const room_page& page) {
  call->answer_json(200, rooms_json(page.rooms, page.members_totals, page.readings, page.next));
}

void api_service::create_room(const api_call_ptr& call) {
  auto room = parse_new_room(call->request().body, setup_->settings.limits);
  if (!room) return call->fail(room.error());
  const auto& who = *call->access();
  if (const auto why = permissions::may_create_room(who, room->name)) return call->fail(*why);
  if (room->is_private || room->owner)
    if (const auto why = permissions::may_own_rooms(who)) return call->fail(*why);
  if (room->owner)
    if (const auto why = permissions::may_act_as(who, *room->owner)) return call->fail(*why);
  if (!room->owner) room->owner = permissions::owner_of_new_room(who);
  if (const auto why = too_early_to_create(*call)) return call->fail(*why);
  ask(call, setup_->actors.directory,
      hubbub::op::create_room{std::move(room->name), std::move(room->owner), room->is_private},
      [call](const room_outcome& created) {
        if (!created) return call->fail(to_error(created.error()));
        const auto location = "/api/rooms/" + std::to_string(created->id.value);
        call->answer_json(201, room_json(*created, 0), {{"Location", location}});
      });
}

void api_service::show_room(const api_call_ptr& call, const std::string& id) {
  const auto room = parse_room_id(id);
  if (!room) return call->fail(room.error());
  find_readable(call, *room, [this, call](const room_record& found) {
    ask(call, setup_->actors.directory, count_members{{found.id}},
        [call, found](const counts_outcome& counts) {
          if (!counts) return call->fail(to_error(counts.error()));
          call->answer_json(200, room_json(found, counts->front()));
        });
  });
}

void api_service::list_members(const api_call_ptr& call, const std::string& id) {
  const auto room = parse_room_id(id);
  if (!room) return call->fail(room.error());
  const auto query = parse_members_query(call->request().query);
  if (!query) return call->fail(query.error());
  resolve_room where{*room};
  where.wake = false;
  ask(call, setup_->actors.directory, where,
      [this, call, room = *room, query = *query](const resolve_outcome& lease) {
        if (!lease) return call->fail(lease.error());
        if (!*lease) return list_members_asleep(call, room, query);
        tell_room(
            call, *lease,
            room_call{call->caller(), command::get_members{{}, query.after, query.limit}});
      });
}

/// A room that sleeps has members on other nodes only, as they have told the store.
void api_service::list_members_asleep(const api_call_ptr& call, room_id room,
                                      const members_query& query) {
  find_readable(call, room, [this, call, query](const room_record& found) {
    ask(call, reader_, find_members{found.id}, [call, query](const members_outcome& members) {
      if (!members) return call->fail(to_error(members.error()));
      member_table table;
      for (const auto& each : *members)
        (void)table.put_elsewhere(each);
      const auto page = table.page(query.after, query.limit);
      call->answer_json(200, members_json(page.members, page.members_total, page.next));
    });
  });
}

} // namespace hubbub
