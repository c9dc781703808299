#pragma once

#include "actors/session/relay.hpp"
#include "tests/actors/chat_world.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {

/// One relay, and connections that are attached to it as sessions 1, 2, 3 …
class relay_world : public test_system {
 public:
  explicit relay_world(std::size_t count) : relay_(actors().spawn<relay>(passes)) {
    for (std::size_t i = 0; i < count; ++i) {
      outs.push_back(std::make_shared<fake_connection>());
      compat::anon_send(relay_, attach_connection{{0, i + 1}, outs.back()});
    }
    run();
  }
  ~relay_world() {
    caf::anon_send_exit(relay_, caf::exit_reason::kill);
    run();
  }

  void apply(relay_orders orders) {
    compat::anon_send(relay_, std::move(orders));
    run();
  }
  void enter(room_id room, std::uint64_t serial) {
    apply({enter_room{room, {0, serial}, nullptr}});
  }
  void attach_recoverable(std::uint64_t serial, const recovery_identity& identity,
                          std::vector<room_position> positions = {}) {
    outs.push_back(std::make_shared<fake_connection>());
    compat::anon_send(
        relay_,
        attach_connection{{0, serial}, outs.back(), identity, {}, std::move(positions)});
  }
  /// Attaches a connection more to a session that others may name by this id.
  void attach_named(session_id session, const std::string& sid) {
    outs.push_back(std::make_shared<fake_connection>());
    outs.back()->life = session.life;
    attach_connection request{session, outs.back()};
    request.sid = sid;
    compat::anon_send(relay_, std::move(request));
    run();
  }
  void tell(wide_event event) {
    compat::anon_send(relay_,
                      wide_events{std::make_shared<const wide_event>(std::move(event))});
    run();
  }
  void detach(std::uint64_t serial) {
    compat::anon_send(relay_, detach_connection{{0, serial}});
    run();
  }
  /// Asks the relay to send an event many times; returns how it answers.
  auto tell_often(wide_event event, std::size_t times) {
    const auto what = std::make_shared<const wide_event>(std::move(event));
    return compat::request(&*self, relay_, caf::infinite, wide_events(times, what));
  }
  relay_stats stats() { return ask<relay_stats>(relay_, ask_relay_stats{}); }
  texts heard(std::uint64_t serial) { return outs.at(serial - 1)->take(); }

  std::vector<std::shared_ptr<fake_connection>> outs;
  pass_clock_ptr passes = std::make_shared<pass_clock>();
  caf::scoped_actor self{actors()};

 private:
  relay_actor relay_;
};

} // namespace hubbub::test
