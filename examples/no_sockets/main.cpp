#include <caf/all.hpp>
#include <hubbub/hubbub.hpp>

#include <iostream>

using namespace hubbub;

/// Prints what is said in a room, from the first word on, until it has heard "bye".
caf::behavior listener(caf::event_based_actor* self, gateway_actor rooms) {
  self->request(rooms, gateway_patience, api::subscribe{"lobby", api::from_after({}), 2})
      .then([](const api::subscribed&) {});
  return {
      [self, rooms](api::subscription_id id, const api::room_event& event) {
        if (event.kind != api::event_kind::message) return;
        std::cout << event.what.author.name << ": " << event.what.content << std::endl;
        if (event.what.content == "bye") self->quit();
        // One more, since this one is done: no more than two are ever under way.
        self->send(rooms, api::grant{id, 1});
      },
  };
}

int main() {
  caf::actor_system_config config;
  broker::configure(config);
  caf::actor_system system{config};
  broker chat{system, {}}; // in memory, and without a socket
  if (const auto failed = chat.start()) {
    std::cerr << system.render(failed) << '\n';
    return 1;
  }
  const auto heard = system.spawn(listener, chat.gateway());
  caf::scoped_actor self{system};
  for (const auto* word : {"hello", "how are you?", "bye"})
    self->request(chat.gateway(), gateway_patience, api::post{"lobby", {"ann", "Ann"}, word})
        .receive([](const api::message&) {},
                 [&](const caf::error& why) { std::cerr << system.render(why) << '\n'; });
  self->wait_for(heard);
}
