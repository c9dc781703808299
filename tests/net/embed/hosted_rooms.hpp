#pragma once

#include "include/hubbub/hubbub.hpp"
#include "tests/support/catch.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {

/// A program whose rooms are for its actors alone.
class hosted_rooms {
 public:
  explicit hosted_rooms(broker_config wanted = small())
      : hosted_rooms([&wanted](caf::actor_system&) { return std::move(wanted); }) {}
  /// Makes the settings when there is an actor system in which hooks can be spawned.
  explicit hosted_rooms(const std::function<broker_config(caf::actor_system&)>& wanted)
      : chat(system, keep(wanted(system))) {
    REQUIRE_FALSE(chat.start());
    way_in = chat.gateway();
    REQUIRE(way_in);
  }

  /// Ends the hooks: an actor system waits for its actors, and one that owes an answer does not
  /// end by itself.
  ~hosted_rooms() {
    end(hooks.before_message.actor);
    end(hooks.on_event.actor);
    end(hooks.admission.actor);
    end(hooks.notices);
  }
  hosted_rooms(const hosted_rooms&) = delete;
  hosted_rooms& operator=(const hosted_rooms&) = delete;

  static broker_config small() {
    broker_config made;
    made.io_threads = 2;
    return made;
  }

  /// Returns the answer to a request, which must not fail.
  template <class Request>
  auto must(Request request) {
    using answer = decltype(answer_of(std::declval<Request>()));
    std::optional<answer> got;
    self->request(way_in, patience, std::move(request))
        .receive([&](answer& value) { got = std::move(value); },
                 [&](const caf::error& why) { FAIL(system.render(why)); });
    return *std::move(got);
  }
  /// Returns why a request fails.
  template <class Request>
  std::optional<errc> fails(Request request) {
    using answer = decltype(answer_of(std::declval<Request>()));
    std::optional<errc> code;
    self->request(way_in, patience, std::move(request))
        .receive([](const answer&) {}, [&](const caf::error& why) { code = code_of(why); });
    return code;
  }

  /// Makes the test a member of a room that grants no credit yet.
  api::subscribed member(const std::string& room, api::user who) {
    return must(api::subscribe{room, api::from_now(), 0, std::move(who)});
  }
  api::subscribed observe(const std::string& room, api::start from, std::int64_t credit) {
    return must(api::subscribe{room, from, credit, {}});
  }
  void grant(const api::subscribed& to, std::int64_t credit) {
    self->send(way_in, api::grant{to.id, credit});
  }
  /// Returns the next event of any of the test's subscriptions.
  std::pair<api::subscription_id, api::room_event> next() {
    std::pair<api::subscription_id, api::room_event> got;
    self->receive(
        [&](api::subscription_id id, const api::room_event& event) {
          got = {id, event};
        },
        caf::after(patience) >> [] { FAIL("no event came"); });
    return got;
  }
  /// True if an event has come already. Whoever has an answer to a request has the events that
  /// the gateway sent before.
  bool has_event() { return self->has_next_message(); }

  struct config : caf::actor_system_config {
    config() { broker::configure(*this); }
  };
  config settings;
  caf::actor_system system{settings};
  host_hooks hooks; ///< those of the settings
  broker chat;
  gateway_actor way_in;
  caf::scoped_actor self{system};

  static constexpr std::chrono::seconds patience{60};

 private:
  broker_config keep(broker_config given) {
    hooks = given.hooks;
    return given;
  }
  template <class Handle>
  static void end(const Handle& hook) {
    if (hook) caf::anon_send_exit(hook, caf::exit_reason::user_shutdown);
  }

  // The answer of each request.
  static api::message answer_of(const api::post&);
  static api::message answer_of(const api::edit&);
  static api::message answer_of(const api::erase&);
  static api::message answer_of(const api::say&);
  static api::history_page answer_of(const api::history&);
  static api::search_page answer_of(const api::search&);
  static api::room answer_of(const api::find_room&);
  static api::room answer_of(const api::create_room&);
  static api::room answer_of(const api::change_room&);
  static api::room_page answer_of(const api::list_rooms&);
  static api::member_page answer_of(const api::members&);
  static std::int64_t answer_of(const api::kick&);
  static api::standing answer_of(const api::put_standing&);
  static bool answer_of(const api::broadcast&);
  static bool answer_of(const api::lift_standing&);
  static bool answer_of(const api::unsubscribe&);
  static api::online answer_of(const api::ask_online&);
  static api::subscribed answer_of(const api::subscribe&);
  static api::subscribed answer_of(const api::subscribe_all&);
  static std::uint64_t answer_of(const api::ping&);
  static api::version answer_of(const api::ask_version&);
};

} // namespace hubbub::test
