#include <caf/all.hpp>
#include <hubbub/hubbub.hpp>

#include <fstream>
#include <iostream>
#include <limits>
#include <string>

using namespace hubbub;

/// Mirrors the lobby into a file, and remembers beside it how far it has come.
class bridge : public caf::event_based_actor {
 public:
  bridge(caf::actor_config& config, gateway_actor rooms, const std::string& path)
      : caf::event_based_actor(config), rooms_(std::move(rooms)),
        cursor_path_(path + ".cursor"), mirror_(path, std::ios::app) {
    std::ifstream{cursor_path_} >> at_.seq >> at_.rev;
  }

  caf::behavior make_behavior() override {
    request(rooms_, gateway_patience, api::subscribe{"lobby", api::from_after(at_), 10})
        .then([](const api::subscribed&) {});
    return {
        [this](api::subscription_id id, const api::room_event& event) {
          if (event.kind == api::event_kind::ended) return quit();
          if (event.kind == api::event_kind::message)
            mirror_ << event.what.author.name << ": " << event.what.content << std::endl;
          at_ = event.at;
          std::ofstream{cursor_path_} << at_.seq << ' ' << at_.rev << '\n';
          send(rooms_, api::grant{id, 1});
          if (at_.seq >= last_) quit();
        },
        [this](std::int64_t last) { // end once this message has been mirrored
          last_ = last;
          if (at_.seq >= last_) quit();
        },
    };
  }

 private:
  gateway_actor rooms_;
  std::string cursor_path_;
  std::ofstream mirror_;
  api::cursor at_;
  std::int64_t last_ = std::numeric_limits<std::int64_t>::max();
};

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: bridge DATABASE MIRROR\n";
    return 2;
  }
  caf::actor_system_config config;
  broker::configure(config);
  caf::actor_system system{config};
  broker_config settings;
  settings.store = argv[1];
  broker chat{system, settings};
  if (const auto failed = chat.start()) {
    std::cerr << system.render(failed) << '\n';
    return 1;
  }
  // Some of it is said before the bridge is there.
  caf::scoped_actor self{system};
  std::int64_t last = 0;
  for (std::string line; std::getline(std::cin, line);)
    self->request(chat.gateway(), gateway_patience, api::post{"lobby", {"ann", "Ann"}, line})
        .receive([&](const api::message& stored) { last = stored.seq; },
                 [&](const caf::error& why) { std::cerr << system.render(why) << '\n'; });
  const auto mirror = system.spawn<bridge>(chat.gateway(), argv[2]);
  self->send(mirror, last);
  self->wait_for(mirror);
}
