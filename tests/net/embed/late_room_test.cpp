#include "actors/room/room_lease.hpp"
#include "net/embed/gateway_service.hpp"
#include "tests/net/embed/hosted_rooms.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>

using namespace hubbub;
using namespace hubbub::test;

namespace {

/// A room, or a relay, that takes everything and answers nothing.
caf::behavior silent(caf::event_based_actor* self, bool /*alone*/) {
  self->set_default_handler(caf::drop);
  return {[](const lease_returned&) {}};
}

/// A directory that knows one room.
caf::behavior one_room(caf::event_based_actor* /*self*/, const room_actor& room) {
  return {[room](const resolve_room&) -> resolve_outcome {
    return std::make_shared<const room_lease>(room, room_id{1}, "lobby");
  }};
}

} // namespace

TEST_CASE("a subscriber whose room does not answer is told so in time") {
  hosted_rooms host;
  const auto room = host.system.spawn(silent, true);
  const auto directory = host.system.spawn(one_room, caf::actor_cast<room_actor>(room));
  gateway_setup setup;
  setup.actors.directory = caf::actor_cast<directory_actor>(directory);
  setup.relay = caf::actor_cast<relay_actor>(room);
  setup.patience = std::chrono::milliseconds{500};
  const auto made = host.system.spawn<gateway_service>(std::move(setup));
  host.way_in = caf::actor_cast<gateway_actor>(made);

  auto begun = host.self->request(host.way_in, hosted_rooms::patience,
                                  api::subscribe{"lobby", {}, 0, {"ann", "Ann"}});
  // Ann is a member as soon as the directory has answered. From then on what she says waits for
  // the room.
  std::optional<errc> said = errc::not_a_member;
  while (said == errc::not_a_member)
    said = host.fails(api::say{{1}, "hello", ""});
  CHECK(said == errc::late);
  std::optional<errc> opened;
  begun.receive([](const api::subscribed&) {},
                [&](const caf::error& why) { opened = code_of(why); });
  CHECK(opened == errc::late);
  for (const auto& each : {caf::actor_cast<caf::actor>(made), directory, room})
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
}
