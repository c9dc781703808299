// What the gateway has rooms do, as a call over HTTP would.
#include "actors/room/room_lease.hpp"
#include "net/embed/gateway_service.hpp"
#include "net/embed/json_args.hpp"
#include "net/embed/request_reader.hpp"
#include "net/embed/wire_values.hpp"
#include "proto/chat/chat_event.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"
#include "proto/own_event.hpp"

#include <string>
#include <utility>

namespace hubbub {
namespace {

/// Reads the answer of a room, which is JSON.
template <class Read>
auto from_json(Read read) {
  return [read](const call_answer& answer) {
    const auto parsed = json::parse(answer.body, max_json_depth);
    return read(parsed ? parsed->root() : json::value{});
  };
}

/// Checks an event of the host's own; returns its arguments, joined by commas.
std::string checked_event(request_reader& read, const std::string& name,
                          const std::string& args) {
  auto joined = joined_args(args);
  if (!joined) read.refuse(error_code::bad_request, "args must be a JSON array");
  if (!is_free_event(name))
    read.refuse(error_code::bad_request, "event must not be the name of another event");
  return std::move(joined).value_or(std::string{});
}

/// Returns the content of what is posted.
std::string content_of(request_reader& read, const api::post& request,
                       const chat_limits& limits) {
  if (request.event.empty()) return read.content(request.content);
  const auto args = checked_event(read, request.event, request.args);
  if (count_characters(request.event) + count_characters(args) > limits.content)
    read.refuse(error_code::too_large, "an event must have no more than " +
                                           std::to_string(limits.content) + " characters");
  const auto text = request.content.empty() ? std::string{} : read.content(request.content);
  auto content = stored_content({request.event, args, text});
  if (!read_own_event(content))
    read.refuse(error_code::bad_request,
                "args must not nest deeper than " + std::to_string(max_own_event_depth));
  return content;
}

const auto as_message = from_json([](json::value root) { return read_message(root); });

} // namespace

template <class T, class Read>
caf::result<T> gateway_service::ask_room(const expected<resolve_room, error>& where,
                                         room_call what, Read read) {
  auto to = make_due<T>();
  const auto why = where ? refusal() : where.error();
  if (why) {
    to.fail(*why);
    return to.promise;
  }
  ask<resolve_outcome>(
      to, setup_.actors.directory, *where,
      [this, what = std::move(what), read](due<T>& asked, resolve_outcome& found) mutable {
        if (!found) return asked.fail(found.error());
        ask<call_outcome>(asked, (*found)->room(), std::move(what),
                          [read, held = *found](due<T>& last, call_outcome& outcome) {
                            if (!outcome) return last.fail(outcome.error());
                            last.give(read(*outcome));
                          });
      });
  return to.promise;
}

namespace {

user_ptr make_user(const api::user& who, const access_ptr& rights) {
  return std::make_shared<const user>(user{who.id, who.name, nullptr, rights});
}

} // namespace

caf::result<api::message> gateway_service::on_post(const api::post& request) {
  request_reader read{setup_.settings.limits};
  const resolve_room where{read.room(request.room), setup_.settings.auto_create_rooms};
  const auto who = make_user(read.user(request.by), access_);
  command::send_message what{
      {}, content_of(read, request, setup_.settings.limits), read.client_id(request.client_id)};
  return ask_room<api::message>(read.finish(where), {who, std::move(what)}, as_message);
}

caf::result<api::message> gateway_service::on_edit(const api::edit& request) {
  request_reader read{setup_.settings.limits};
  const resolve_room where{read.room(request.room)};
  const auto by = read.id("by", request.by);
  command::edit_message what{{}, sequence{request.seq}, read.content(request.content)};
  return ask_room<api::message>(read.finish(where),
                                {make_user({by, by}, access_), std::move(what)}, as_message);
}

caf::result<api::message> gateway_service::on_erase(const api::erase& request) {
  request_reader read{setup_.settings.limits};
  const resolve_room where{read.room(request.room)};
  const auto by = read.id("by", request.by);
  return ask_room<api::message>(
      read.finish(where),
      {make_user({by, by}, access_), command::delete_message{{}, sequence{request.seq}}},
      as_message);
}

caf::result<api::room> gateway_service::on_change(const api::change_room& request) {
  request_reader read{setup_.settings.limits};
  const resolve_room where{read.room(request.room)};
  command::configure_room what;
  what.owner = read.optional_id("owner", request.owner);
  if (request.privacy == "private" || request.privacy == "public")
    what.is_private = request.privacy == "private";
  else if (!request.privacy.empty())
    read.refuse(error_code::bad_request, "privacy must be private or public");
  if (request.state == "closed" || request.state == "open")
    what.is_closed = request.state == "closed";
  else if (!request.state.empty())
    read.refuse(error_code::bad_request, "state must be closed or open");
  if (!what.owner && !what.is_private && !what.is_closed)
    read.refuse(error_code::bad_request, "nothing is to be changed");
  const api::user host{access_->user_id, access_->username};
  return ask_room<api::room>(read.finish(where), {make_user(host, access_), std::move(what)},
                             from_json([](json::value root) {
                               const auto from = root.find("room");
                               api::room made;
                               made.id = from.find("id").integer().value_or(0);
                               made.name = from.find("name").string().value_or("");
                               made.owner = from.find("owner").string().value_or("");
                               made.is_private = from.find("private").boolean().value_or(false);
                               made.is_closed = from.find("closed").boolean().value_or(false);
                               return made;
                             }));
}

caf::result<api::member_page> gateway_service::on_members(const api::members& request) {
  request_reader read{setup_.settings.limits};
  const resolve_room where{read.room(request.room)};
  command::get_members what{{},
                            read.optional_id("after", request.after),
                            read.number("limit", request.limit, 1, max_member_page)};
  const api::user host{access_->user_id, access_->username};
  return ask_room<api::member_page>(
      read.finish(where), {make_user(host, access_), std::move(what)},
      from_json([](json::value root) { return read_members(root); }));
}

caf::result<std::int64_t> gateway_service::on_kick(const api::kick& request) {
  request_reader read{setup_.settings.limits};
  const resolve_room where{read.room(request.room)};
  const auto by = read.id("by", request.by);
  command::kick_user what{{}, read.id("user_id", request.user_id), read.reason(request.reason)};
  return ask_room<std::int64_t>(
      read.finish(where), {make_user({by, by}, access_), std::move(what)},
      from_json([](json::value root) { return root.find("kicked").integer().value_or(0); }));
}

caf::result<api::standing> gateway_service::on_put(const api::put_standing& request) {
  request_reader read{setup_.settings.limits};
  const resolve_room where{read.room(request.room)};
  const auto& given = request.what;
  const auto by = read.id("by", given.by);
  command::put_standing what;
  what.kind = read.kind(given.kind);
  what.user_id = read.id("user_id", given.user_id);
  if (given.until != 0) what.until = timestamp{given.until};
  what.reason = read.reason(given.reason);
  return ask_room<api::standing>(
      read.finish(where), {make_user({by, by}, access_), std::move(what)},
      from_json([](json::value root) { return read_standing(root.find("standing")); }));
}

caf::result<bool> gateway_service::on_lift(const api::lift_standing& request) {
  request_reader read{setup_.settings.limits};
  const resolve_room where{read.room(request.room)};
  const auto by = read.id("by", request.by);
  command::lift_standing what;
  what.kind = read.kind(request.kind);
  what.user_id = read.id("user_id", request.user_id);
  return ask_room<bool>(read.finish(where), {make_user({by, by}, access_), std::move(what)},
                        [](const call_answer&) { return true; });
}

caf::result<bool> gateway_service::on_broadcast(const api::broadcast& request) {
  request_reader read{setup_.settings.limits};
  const resolve_room where{read.room(request.room)};
  auto args = checked_event(read, request.event, request.args);
  auto to = make_due<bool>();
  const auto checked = read.finish(where);
  const auto why = checked ? refusal() : checked.error();
  if (why) {
    to.fail(*why);
    return to.promise;
  }
  room_broadcast what{request.event, std::move(args), request.is_volatile};
  ask<resolve_outcome>(
      to, setup_.actors.directory, where,
      [this, what = std::move(what)](due<bool>& asked, resolve_outcome& found) mutable {
        if (!found) return asked.fail(found.error());
        ask<broadcast_outcome>(asked, (*found)->room(), std::move(what),
                               [held = *found](due<bool>& last, broadcast_outcome& outcome) {
                                 if (!outcome) return last.fail(outcome.error());
                                 last.give(*outcome);
                               });
      });
  return to.promise;
}

} // namespace hubbub
