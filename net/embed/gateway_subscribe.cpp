// Subscriptions: how they begin, hear of rooms, and end.
#include "actors/room/room_lease.hpp"
#include "net/embed/gateway_service.hpp"
#include "net/embed/request_reader.hpp"
#include "net/embed/wire_values.hpp"
#include "proto/access/name_pattern.hpp"

#include <utility>

namespace hubbub {
namespace {

/// Serial numbers of connections of sockets are below.
constexpr std::uint64_t not_a_socket = std::uint64_t{1} << 63U;
/// Maximum number of subscriptions of a gateway.
constexpr std::size_t most_subscriptions = 200'000;
/// How long a store that failed is left alone.
constexpr std::chrono::seconds store_pause{1};
/// How often subscribers on other nodes are checked in the time that one may be silent.
constexpr int checks_in_silence = 4;
/// The number of the request to join, before those to send.
constexpr ack_id join_ack_id = 1;

const error no_subscriber{error_code::limit_exceeded,
                          "only actors can subscribe, and there are not too many already"};
const error no_such_subscription{error_code::not_found, "there is no such subscription"};
const error not_as_a_member{error_code::not_a_member, "the subscription is not a member's"};
const error too_many_under_way{error_code::overloaded,
                               "too many messages wait to be stored; try again soon"};

/// The rights of a member: those of a user who has proven the name.
access_ptr member_access(const api::user& who) {
  access rights;
  rights.proven = true;
  rights.user_id = who.id;
  rights.username = who.name;
  return std::make_shared<const access>(std::move(rights));
}

/// Reads the error in `{"ok":false,"error":{"code":…,"message":…}}`; nothing if it is ok.
std::optional<caf::error> error_in(json::value answer) {
  if (answer.find("ok").boolean().value_or(false)) return std::nullopt;
  const auto why = answer.find("error");
  return make_error(errc_named(why.find("code").string().value_or("")),
                    std::string{why.find("message").string().value_or("")});
}

} // namespace

gateway_service::entry* gateway_service::find(api::subscription_id id) {
  const auto found = subscriptions_.find(id.value | not_a_socket);
  return found == subscriptions_.end() ? nullptr : &found->second;
}

gateway_service::entry* gateway_service::add(const caf::strong_actor_ptr& who,
                                             const api::start& from, std::int64_t credit) {
  if (!who || subscriptions_.size() >= most_subscriptions) return nullptr;
  const auto serial = ++last_id_ | not_a_socket;
  subscription_host& host = *this;
  entry made;
  made.link = std::make_shared<subscription>(host, serial, from, 0);
  made.credit = credit;
  made.subscriber = who;
  made.session = session_id{setup_.thread, serial, 0};
  auto& all = subscribers_[caf::actor_cast<caf::actor_addr>(who)];
  if (all.empty()) monitor(who);
  all.insert(serial);
  hear_of(who);
  compat::anon_send(setup_.relay, attach_connection{made.session, made.link});
  return &subscriptions_.emplace(serial, std::move(made)).first->second;
}

caf::result<api::subscribed> gateway_service::on_subscribe(const api::subscribe& request) {
  const auto who = current_sender(); // the promise takes it
  auto to = make_due<api::subscribed>();
  request_reader read{setup_.settings.limits};
  const auto room = read.room(request.room);
  const bool is_member = !request.as.id.empty() || !request.as.name.empty();
  const auto as = is_member ? read.user(request.as) : api::user{};
  const auto wanted = read.finish(resolve_room{room, setup_.settings.auto_create_rooms});
  const auto why = wanted ? refusal() : wanted.error();
  auto* const made = why ? nullptr : add(who, request.from, request.credit);
  if (made == nullptr) {
    to.fail(why.value_or(no_subscriber));
    return to.promise;
  }
  if (is_member)
    made->as = std::make_shared<const hubbub::user>(
        hubbub::user{as.id, as.name, nullptr, member_access(as)});
  made->opening = to;
  const auto serial = made->link->serial();
  compat::delayed_send(this, gateway_self{this}, 2 * setup_.patience, room_is_late{serial});
  compat::request(this, setup_.actors.directory, setup_.patience, *wanted)
      .then(
          [this, serial](const resolve_outcome& lease) {
            const auto found = subscriptions_.find(serial);
            if (found == subscriptions_.end()) return; // the subscriber has ended
            if (lease) return enter(found->second, *lease);
            found->second.opening->fail(lease.error());
            end(found, leave_reason::leave, {});
          },
          [this, serial](const caf::error& late) {
            const auto found = subscriptions_.find(serial);
            if (found == subscriptions_.end()) return;
            found->second.opening->fail(unanswered(late));
            end(found, leave_reason::leave, {});
          });
  return to.promise;
}

/// Asks a room for its events: as a member, by a join like a socket's, or as an observer.
void gateway_service::enter(entry& which, const room_lease_ptr& room) {
  ++which.entering;
  if (which.pattern.empty()) {
    which.knows_rooms = true;
    which.room = room;
    static_cast<void>(which.link->expect(room, std::nullopt));
  }
  if (!which.as) {
    compat::anon_send(room->room(), room_observation{which.session, true});
    return;
  }
  which.last_ack = join_ack_id;
  socket_asker asker{which.session, join_ack_id, "join_room", std::nullopt, 1};
  compat::anon_send(room->room(),
                    room_request{std::move(asker), which.as,
                                 command::join_room{room->id(), std::optional<std::string>{}, 0,
                                                    std::nullopt}});
}

caf::result<api::subscribed>
gateway_service::on_subscribe_all(const api::subscribe_all& request) {
  const auto who = current_sender(); // the promise takes it
  auto to = make_due<api::subscribed>();
  if (request.pattern.empty() ||
      request.pattern.size() > 4 * setup_.settings.limits.room_name) {
    to.fail(error{error_code::bad_request, "pattern must be as long as a room's name"});
    return to.promise;
  }
  auto* const made = add(who, api::from_now(), request.credit);
  if (made == nullptr) {
    to.fail(no_subscriber);
    return to.promise;
  }
  made->pattern = request.pattern;
  of_patterns_.insert(made->link->serial());
  made->opening = to;
  compat::delayed_send(this, gateway_self{this}, 2 * setup_.patience,
                       room_is_late{made->link->serial()});
  // First it tells of all rooms that are awake now, once more to those that know them.
  const auto then = [this, serial = made->link->serial()] {
    const auto found = subscriptions_.find(serial);
    if (found == subscriptions_.end()) return;
    found->second.knows_rooms = true;
    open(found->second, {}, {});
  };
  compat::request(this, setup_.actors.directory, setup_.patience,
                  watch_rooms{room_watcher{gateway_self{this}}})
      .then([then](bool) { then(); }, [then](const caf::error&) { then(); });
  return to.promise;
}

void gateway_service::open(entry& which, const room_position& at, const api::cursor& start) {
  if (!which.opening || !which.knows_rooms || which.entering > 0) return;
  api::subscribed answer;
  answer.id.value = which.link->serial() & ~not_a_socket;
  if (which.room) {
    answer.in.id = which.room->id().value;
    answer.in.name = which.room->name();
    answer.in.end = {at.seq.value, at.rev.value};
    answer.at = start;
  }
  which.opening->give(std::move(answer));
  which.opening.reset();
  which.link->grant(which.credit);
}

/// A room is awake from now on, or was already.
void gateway_service::on_woke(const room_woke& news) {
  for (const auto serial : of_patterns_) {
    auto& each = subscriptions_.at(serial);
    if (!matches_pattern(each.pattern, news.room->name())) continue;
    if (!each.link->expect(news.room, news.at)) continue;
    enter(each, news.room);
  }
}

caf::result<bool> gateway_service::on_unsubscribe(const api::unsubscribe& request) {
  const auto found = subscriptions_.find(request.what.value | not_a_socket);
  if (found == subscriptions_.end()) return to_caf(no_such_subscription);
  end(found, leave_reason::leave, {});
  return true;
}

caf::result<api::message> gateway_service::on_say(const api::say& request) {
  auto* const from = find(request.as);
  request_reader read{setup_.settings.limits};
  auto what = read.finish(command::send_message{
      {}, read.content(request.content), read.client_id(request.client_id)});
  if (from == nullptr) return to_caf(no_such_subscription);
  // Before the room is found nobody is a member of it.
  if (!from->as || !from->room) return to_caf(not_as_a_member);
  if (!what) return to_caf(what.error());
  if (from->says.size() >= setup_.settings.requests_per_socket)
    return to_caf(too_many_under_way);
  auto to = make_due<api::message>();
  const auto id = ++from->last_ack;
  from->says.emplace(id, to);
  compat::anon_send(from->room->room(),
                    room_request{socket_asker{from->session, id, "send_message"}, from->as,
                                 *std::move(what)});
  compat::delayed_send(this, gateway_self{this}, setup_.patience,
                       room_is_late{from->link->serial(), id});
  return to.promise;
}

void gateway_service::on_late(const room_is_late& which) {
  const auto found = subscriptions_.find(which.serial);
  if (found == subscriptions_.end()) return;
  auto& of = found->second;
  if (which.what == 0) {
    if (!of.opening) return;
    of.opening->fail(make_error(errc::late));
    of.opening.reset();
    return end(found, leave_reason::timeout, {});
  }
  const auto said = of.says.find(which.what);
  if (said == of.says.end() || !said->second) return;
  said->second->fail(make_error(errc::late));
  said->second.reset(); // if it is stored after all, it still comes as an event
}

void gateway_service::on_type(const api::type& request) {
  const auto* const from = find(request.as);
  if (from == nullptr || !from->as || !from->room) return;
  compat::anon_send(from->room->room(),
                    room_request{socket_asker{from->session, std::nullopt, "typing"}, from->as,
                                 command::set_typing{{}, request.is_typing}});
}

void gateway_service::on_arrival(std::uint64_t to, const frame_ptr& what) {
  if (arrivals_.empty()) compat::anon_send(gateway_self{this}, hear_arrivals{});
  arrivals_.push_back({to, what});
}

void gateway_service::on_arrival(std::uint64_t to, const room_position& entered) {
  if (arrivals_.empty()) compat::anon_send(gateway_self{this}, hear_arrivals{});
  arrivals_.push_back({to, nullptr, entered});
}

/// Passes on what has arrived in this pass, in order. All subscriptions of a room get the same
/// frame, which is read once.
void gateway_service::hear() {
  for (const auto& [to, what, entered] : std::exchange(arrivals_, {})) {
    const auto found = subscriptions_.find(to);
    if (found == subscriptions_.end()) continue;
    auto& which = found->second;
    if (entered) {
      const auto start = which.link->enter(*entered);
      if (which.entering > 0) --which.entering;
      if (!which.pattern.empty()) which.link->release(entered->room); // it may sleep again
      open(which, *entered, start);
      which.link->go_on();
      continue;
    }
    if (what != last_frame_) {
      last_said_ = read_frame(*what);
      last_frame_ = what;
    }
    if (last_said_.ack) {
      on_answer(which, last_said_);
      continue;
    }
    which.link->hear(last_said_);
    const auto& events = last_said_.events;
    if (which.as && !events.empty() && events.front().kind == api::event_kind::moderated &&
        (events.front().text == "kicked" || events.front().text == "banned"))
      end(found, leave_reason::kicked, events.front().text);
  }
}

/// Takes a room's answer to a member: to its join, or to what it said.
void gateway_service::on_answer(entry& which, const said& what) {
  const auto answer = what.answer.root().at(0);
  const auto why = error_in(answer);
  if (*what.ack == join_ack_id) {
    if (!why || !which.opening) return; // it has entered
    which.opening->fail(*why);
    return end(subscriptions_.find(which.link->serial()), leave_reason::leave, {});
  }
  const auto found = which.says.find(*what.ack);
  if (found == which.says.end()) return;
  auto to = std::move(found->second);
  which.says.erase(found);
  if (why) {
    if (to) to->fail(*why);
    return;
  }
  auto stored = read_message(answer.find("message"));
  said own;
  own.is_logged = true;
  own.events.push_back({.kind = api::event_kind::message,
                        .room_id = stored.room_id,
                        .room = stored.room,
                        .at = {stored.seq, stored.rev},
                        .what = stored});
  if (to) to->give(std::move(stored));
  which.link->hear(own); // the room left out the sender, whose copy this is
}

void gateway_service::end(entries::iterator which, leave_reason why, const std::string& told) {
  const auto serial = which->first;
  auto& ended = which->second;
  ended.link->for_each_lease([&ended, why](const room_lease_ptr& room) {
    if (ended.as)
      compat::anon_send(room->room(), room_departure{ended.session, why});
    else
      compat::anon_send(room->room(), room_observation{ended.session, false});
  });
  compat::anon_send(setup_.relay, detach_connection{ended.session});
  ended.link->leave_host();
  for (auto& [id, waiting] : ended.says)
    if (waiting) waiting->fail(no_such_subscription);
  if (!told.empty()) {
    tell(serial, last_event(ended, told));
  }
  const auto who = caf::actor_cast<caf::actor_addr>(ended.subscriber);
  const auto all = subscribers_.find(who);
  if (all != subscribers_.end() && all->second.erase(serial) > 0 && all->second.empty()) {
    demonitor(who);
    subscribers_.erase(all);
    far_.erase(who);
  }
  of_patterns_.erase(serial);
  subscriptions_.erase(which);
}

/// Returns the last event of a subscription; that of one room says where to go on.
api::room_event gateway_service::last_event(const entry& which, std::string text) const {
  api::room_event last;
  last.kind = api::event_kind::ended;
  last.text = std::move(text);
  if (!which.room) return last;
  last.room_id = which.room->id().value;
  last.room = which.room->name();
  last.at = which.link->where(which.room->id());
  return last;
}

void gateway_service::end_all(const caf::actor_addr& who, leave_reason why,
                              const std::string& told) {
  const auto found = subscribers_.find(who);
  if (found == subscribers_.end()) return;
  const std::vector<std::uint64_t> all{found->second.begin(), found->second.end()};
  for (const auto serial : all)
    end(subscriptions_.find(serial), why, told);
}

void gateway_service::hear_of(const caf::strong_actor_ptr& who) {
  if (!who || who->node() == system().node()) return;
  const auto address = caf::actor_cast<caf::actor_addr>(who);
  if (!subscribers_.contains(address)) return;
  far_[address] = std::chrono::steady_clock::now();
  check_far_later();
}

void gateway_service::check_far_later() {
  if (far_.empty() || std::exchange(is_checking_far_, true)) return;
  compat::delayed_send(this, gateway_self{this}, setup_.far_silence / checks_in_silence,
                       check_far{});
}

/// CAF notices when the connection to a node ends, but not when a node falls silent; the agents
/// of ours ping. Each counts for itself: one that has lost its connection may have ended
/// without a word, and another one of its node have come after it.
void gateway_service::drop_silent() {
  const auto now = std::chrono::steady_clock::now();
  std::vector<caf::actor_addr> silent;
  for (const auto& [who, heard] : far_)
    if (now - heard > setup_.far_silence) silent.push_back(who);
  for (const auto& who : silent)
    end_all(who, leave_reason::timeout, "silent");
  is_checking_far_ = false;
  check_far_later();
}

void gateway_service::tell(std::uint64_t from, const api::room_event& event) {
  const auto found = subscriptions_.find(from);
  if (found == subscriptions_.end()) return;
  caf::anon_send(caf::actor_cast<caf::actor>(found->second.subscriber),
                 api::subscription_id{from & ~not_a_socket}, event);
}

void gateway_service::read_log(std::uint64_t to, const room_position& after,
                               std::int64_t limit) {
  const auto then = [this, to, room = after.room](const log_outcome& outcome) {
    const auto found = subscriptions_.find(to);
    if (found != subscriptions_.end()) found->second.link->on_log(room, outcome);
  };
  compat::request(this, setup_.actors.readers.front(), setup_.patience, ask_log{after, limit})
      .then(then, [then](const caf::error&) { then(unexpected(store_error::io)); });
}

void gateway_service::read_newest(std::uint64_t to, const room_position& up_to,
                                  std::int64_t count) {
  const auto then = [this, to, room = up_to.room](const read_outcome& outcome) {
    const auto found = subscriptions_.find(to);
    if (found != subscriptions_.end()) found->second.link->on_newest(room, outcome);
  };
  message_range range;
  range.room = up_to.room;
  range.up_to = up_to.seq;
  range.limit = count;
  compat::request(this, setup_.actors.readers.front(), setup_.patience, range)
      .then(then, [then](const caf::error&) { then(unexpected(store_error::io)); });
}

void gateway_service::pause(std::uint64_t serial) {
  compat::delayed_send(this, gateway_self{this}, store_pause, try_subscription{serial});
}

} // namespace hubbub
