// Rooms that are published, and a member on another node that comes back after each loss of
// them.
#include <caf/all.hpp>
#include <caf/io/middleman.hpp>
#include <hubbub/hubbub.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

using namespace hubbub;
using namespace std::chrono_literals;

/// How long anything may take; a test that waits longer has failed.
constexpr std::chrono::seconds patience{60};

/// Serves rooms, and says for each line it is given how often its word's user is in the lobby.
int serve(caf::actor_system& system) {
  broker_config settings;
  settings.listen = {"127.0.0.1:0"};
  settings.remote_silence = 2s;
  broker chat{system, settings};
  if (const auto failed = chat.start()) {
    std::cerr << system.render(failed) << '\n';
    return 1;
  }
  const auto port = chat.publish(0);
  if (!port) return 1;
  std::cout << "rooms at " << *port << ' ' << chat.url() << std::endl;
  caf::scoped_actor self{system};
  for (std::string user; std::getline(std::cin, user);) {
    std::int64_t connections = 0;
    self->request(chat.gateway(), patience, api::members{.room = "lobby"})
        .receive(
            [&](const api::member_page& page) {
              for (const auto& each : page.members)
                if (each.who.id == user) connections = each.connections;
            },
            [](const caf::error&) {});
    std::cout << "in the lobby: " << connections << std::endl;
  }
  return 0;
}

/// Follows the lobby until the connection is lost; `at` is where it has come to.
void follow(caf::scoped_actor& self, const gateway_actor& rooms, api::cursor& at) {
  api::subscription_id id;
  bool is_over = false;
  self->request(rooms, patience, api::subscribe{"lobby", api::from_after(at), 20, {"far", ""}})
      .receive([&](const api::subscribed& made) { id = made.id; },
               [&](const caf::error&) { is_over = true; });
  while (!is_over)
    self->receive(
        [&](api::subscription_id of, const api::room_event& event) {
          if (of != id) return; // the rest of an earlier one
          if (event.kind == api::event_kind::ended) {
            // It says the same as the event before it.
            if (event.at.seq != at.seq || event.at.rev != at.rev)
              std::cout << "ended elsewhere" << std::endl;
            is_over = true;
            return;
          }
          at = event.at;
          if (event.kind == api::event_kind::message)
            std::cout << "message " << event.what.seq << std::endl;
          self->send(rooms, api::grant{id, 1});
        },
        caf::after(patience) >> [] { std::exit(1); });
  std::cout << "lost" << std::endl;
}

int join(caf::actor_system& system, std::uint16_t port) {
  remote_settings watch;
  watch.ping_interval = 100ms;
  watch.ping_limit = 1s;
  caf::scoped_actor self{system};
  api::cursor at;
  for (;;) {
    const auto rooms = remote_gateway(system, "127.0.0.1", port, watch);
    if (rooms)
      follow(self, *rooms, at);
    else
      std::this_thread::sleep_for(50ms);
  }
}

int main(int argc, char** argv) {
  caf::actor_system_config config;
  config.load<caf::io::middleman>();
  broker::configure(config);
  caf::actor_system system{config};
  return argc < 2 ? serve(system)
                  : join(system, static_cast<std::uint16_t>(std::atoi(argv[1])));
}
