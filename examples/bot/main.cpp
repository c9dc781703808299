#include <caf/all.hpp>
#include <hubbub/hubbub.hpp>

#include <iostream>
#include <limits>
#include <string>

using namespace hubbub;

/// A member of the lobby that greets who joins and answers "!echo …".
class bot : public caf::event_based_actor {
 public:
  bot(caf::actor_config& config, gateway_actor rooms)
      : caf::event_based_actor(config), rooms_(std::move(rooms)) {}

  caf::behavior make_behavior() override {
    request(rooms_, gateway_patience,
            api::subscribe{"lobby", api::from_now(), 100, {"echo-bot", "Echo"}})
        .then([](const api::subscribed&) { std::cout << "the bot is there" << std::endl; },
              [this](const caf::error& why) {
                std::cerr << system().render(why) << '\n';
                quit();
              });
    return {
        [this](api::subscription_id id, const api::room_event& event) {
          hear(id, event);
          send(rooms_, api::grant{id, 1});
        },
    };
  }

 private:
  void hear(api::subscription_id id, const api::room_event& event) {
    const std::string order = "!echo ";
    if (event.kind == api::event_kind::joined)
      say(id, "hello, " + event.who.name);
    else if (event.kind == api::event_kind::message && event.what.author.id != "echo-bot" &&
             event.what.content.compare(0, order.size(), order) == 0)
      say(id, event.what.content.substr(order.size()));
    else if (event.kind == api::event_kind::ended)
      quit();
  }

  void say(api::subscription_id id, const std::string& text) {
    request(rooms_, gateway_patience, api::say{id, text})
        .then([](const api::message&) {},
              [this](const caf::error& why) { std::cerr << system().render(why) << '\n'; });
  }

  gateway_actor rooms_;
};

int main(int argc, char** argv) {
  caf::actor_system_config config;
  broker::configure(config);
  caf::actor_system system{config};
  broker_config settings;
  settings.listen = {argc > 1 ? argv[1] : "127.0.0.1:5005"};
  broker chat{system, settings};
  if (const auto failed = chat.start()) {
    std::cerr << system.render(failed) << '\n';
    return 1;
  }
  std::cout << "a chat at " << chat.url() << std::endl;
  system.spawn<bot>(chat.gateway());
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
}
