#include "actors/bridge/bridge_desk.hpp"

#include "actors/room/room_lease.hpp"
#include "proto/access/full_access.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>
#include <variant>

namespace hubbub {
namespace {

/// How long a room may take to store a message.
constexpr std::chrono::seconds patience{30};

/// Sorts what an event names: rooms that are awake, and names that may be ids of sockets.
void sort_out(const std::vector<room_ref>& names,
              const std::unordered_map<room_ref, room_id>& awake, std::vector<room_id>& rooms,
              std::vector<std::string>& sids) {
  for (const auto& name : names) {
    if (const auto found = awake.find(name); found != awake.end())
      rooms.push_back(found->second);
    if (const auto* sid = std::get_if<std::string>(&name)) sids.push_back(*sid);
  }
  // One that is named a thousand times costs no more than one that is named once.
  const auto once = [](auto& all) {
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
  };
  once(rooms);
  once(sids);
}

/// Returns a room as clients could name it.
expected<room_ref, error> check_room(const room_ref& room, const chat_limits& limits) {
  const auto* name = std::get_if<std::string>(&room);
  if (name == nullptr) return room;
  return clean_name(*name, limits.room_name, "room").map([](std::string clean) {
    return room_ref{std::move(clean)};
  });
}

/// Reads the message that the arguments of an event are: a text, or an object as in the body of
/// `POST /api/messages`.
expected<post_message, error> read_message(const std::string& args_json,
                                           const chat_limits& limits, const access& who) {
  const auto parsed = json::parse('[' + args_json + ']', max_json_depth);
  if (!parsed || parsed->root().size() != 1)
    return unexpected(error{error_code::bad_request, "a message is one argument"});
  std::string body;
  if (const auto text = parsed->root().at(0).string())
    json::writer{body}.begin_object().field("content", *text).end_object();
  else
    body = args_json;
  return parse_post_message(body, false, {}, limits, who);
}

} // namespace

bridge_desk::bridge_desk(caf::actor_config& config, bridge_desk_setup setup)
    : bridge_desk_actor::base(config), setup_(std::move(setup)),
      access_(full_access("bridge")) {}

bridge_desk::behavior_type bridge_desk::make_behavior() {
  return {[this](bridge_events& events) { return take(events); }};
}

void bridge_desk::on_exit() {
  setup_ = {};
}

caf::result<bridge_taken> bridge_desk::take(bridge_events& events) {
  const auto todo = std::make_shared<task>(
      task{make_response_promise<bridge_taken>(),
           std::make_shared<const bridge_events>(std::move(events)), setup_.bell});
  find_awake question;
  for (const auto& each : todo->events->all) {
    if (each.is_stored) {
      store(todo, each);
      continue;
    }
    question.rooms.insert(question.rooms.end(), each.what.to.begin(), each.what.to.end());
    question.rooms.insert(question.rooms.end(), each.what.except.begin(),
                          each.what.except.end());
  }
  compat::request(this, setup_.directory, caf::infinite, question)
      .then(
          [this, todo, question](const awake_ids& found) {
            found_rooms rooms;
            for (std::size_t i = 0; i < found.ids.size(); ++i)
              if (found.ids[i] != room_id{}) rooms.emplace(question.rooms[i], found.ids[i]);
            pass_on(todo, rooms);
            done(todo);
          },
          [todo](const caf::error&) { done(todo); });
  return todo->promise;
}

void bridge_desk::pass_on(const task_ptr& todo, const found_rooms& rooms) {
  wide_events orders;
  for (const auto& [what, is_stored, is_ours] : todo->events->all) {
    if (is_stored) continue;
    auto order = std::make_shared<wide_event>();
    order->to_everybody = what.to_everybody;
    order->is_volatile = what.is_volatile;
    sort_out(what.to, rooms, order->rooms, order->sids);
    sort_out(what.except, rooms, order->except_rooms, order->except_sids);
    if (!order->to_everybody && order->rooms.empty() && order->sids.empty()) continue;
    order->what = event::foreign(what.name, what.args_json);
    orders.push_back(std::move(order));
  }
  if (orders.empty()) return;
  todo->open += setup_.relays.size();
  for (const auto& each : setup_.relays)
    compat::request(this, each, caf::infinite, orders)
        .then([todo](bool) { done(todo); }, [todo](const caf::error&) { done(todo); });
}

/// Has an event stored in each of its rooms. Every node hears it: one with a `client_id` is the
/// same message on all, and any other is stored by the node that has claimed that.
void bridge_desk::store(const task_ptr& todo, const bridge_events::entry& event) {
  const auto what = read_message(event.what.args_json, setup_.limits, *access_);
  if (!what) return fail(todo, what.error().message);
  if (event.what.to.empty()) return fail(todo, "a message belongs into a room");
  if (!what->client_id && !event.is_ours) return;
  std::set<room_ref> rooms;
  for (const auto& each : event.what.to)
    if (auto room = check_room(each, setup_.limits))
      rooms.insert(*std::move(room));
    else
      fail(todo, room.error().message);
  for (const auto& room : rooms)
    post(todo, room, *what);
}

void bridge_desk::post(const task_ptr& todo, const room_ref& room, const post_message& what) {
  ++todo->open;
  const auto on_error = [todo](const caf::error&) {
    fail(todo, "the room does not answer");
    done(todo);
  };
  const auto who = std::make_shared<const user>(user{what.user_id, what.username, {}, access_});
  room_call call{who, command::send_message{{}, what.content, what.client_id}};
  compat::request(this, setup_.directory, patience, resolve_room{room, setup_.creates_rooms})
      .then(
          [this, todo, call = std::move(call), on_error](resolve_outcome& found) mutable {
            if (!found) {
              fail(todo, found.error().message);
              return done(todo);
            }
            compat::request(this, (*found)->room(), patience, std::move(call))
                .then(
                    [todo, held = *found](const call_outcome& outcome) {
                      if (outcome)
                        todo->result.stored += outcome->repeated ? 0U : 1U;
                      else
                        fail(todo, outcome.error().message);
                      done(todo);
                    },
                    on_error);
          },
          on_error);
}

void bridge_desk::fail(const task_ptr& todo, const std::string& why) {
  ++todo->result.failed;
  todo->result.why = why;
}

void bridge_desk::done(const task_ptr& todo) {
  if (--todo->open > 0) return;
  todo->promise.deliver(std::move(todo->result));
  if (todo->bell) todo->bell->ring();
}

} // namespace hubbub
