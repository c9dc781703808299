#include <caf/all.hpp>
#include <caf/io/middleman.hpp>
#include <hubbub/hubbub.hpp>

#include <cstdlib>
#include <iostream>
#include <limits>
#include <string>

using namespace hubbub;

/// Prints what happens in the lobby, where it is a member if it has a name.
caf::behavior onlooker(caf::event_based_actor* self, gateway_actor rooms, std::string name) {
  self->request(rooms, gateway_patience + std::chrono::seconds{10},
                api::subscribe{"lobby", api::from_now(), 100, {name, name}})
      .then([](const api::subscribed&) { std::cout << "subscribed" << std::endl; },
            [self](const caf::error& why) {
              std::cout << self->system().render(why) << std::endl;
              self->quit();
            });
  return {
      [self, rooms](api::subscription_id id, const api::room_event& event) {
        switch (event.kind) {
        case api::event_kind::message:
          std::cout << event.what.author.name << ": " << event.what.content << std::endl;
          break;
        case api::event_kind::joined:
          std::cout << event.who.name << " joined" << std::endl;
          break;
        case api::event_kind::left: std::cout << event.who.name << " left" << std::endl; break;
        case api::event_kind::ended:
          std::cout << "over: " << event.text << std::endl;
          self->quit();
          break;
        default: break;
        }
        self->send(rooms, api::grant{id, 1});
      },
  };
}

/// The first process: it has the rooms, and lets others in.
int serve(caf::actor_system& system) {
  broker chat{system, {}};
  if (const auto failed = chat.start()) {
    std::cerr << system.render(failed) << '\n';
    return 1;
  }
  const auto port = chat.publish(0);
  if (!port) {
    std::cerr << system.render(port.error()) << '\n';
    return 1;
  }
  std::cout << "port " << *port << std::endl;
  system.spawn(onlooker, chat.gateway(), std::string{});
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  return 0;
}

/// Another process: it joins, and says what it is given line by line.
int join(caf::actor_system& system, const std::string& port, const std::string& name) {
  const auto rooms =
      remote_gateway(system, "127.0.0.1", static_cast<std::uint16_t>(std::stoi(port)));
  if (!rooms) {
    std::cerr << system.render(rooms.error()) << '\n';
    return 1;
  }
  system.spawn(onlooker, *rooms, name);
  caf::scoped_actor self{system};
  for (std::string line; std::getline(std::cin, line);)
    self->request(*rooms, gateway_patience + std::chrono::seconds{10},
                  api::post{"lobby", {name, name}, line})
        .receive([](const api::message&) {},
                 [&](const caf::error& why) { std::cout << system.render(why) << std::endl; });
  self->send_exit(*rooms, caf::exit_reason::user_shutdown);
  return 0;
}

int main(int argc, char** argv) {
  caf::actor_system_config config;
  config.load<caf::io::middleman>();
  broker::configure(config);
  caf::actor_system system{config};
  return argc < 3 ? serve(system) : join(system, argv[1], argv[2]);
}
