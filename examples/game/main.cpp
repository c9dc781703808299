#include <caf/all.hpp>
#include <hubbub/hubbub.hpp>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

using namespace hubbub;

// A program with much JSON has a library for it; these two are enough here.

/// Returns the digits that come first in a JSON text.
int number_in(const std::string& json) {
  const auto at = json.find_first_of("0123456789");
  return at == std::string::npos ? 0 : std::atoi(json.c_str() + at);
}
/// Returns the text of a field, if it needs no escapes.
std::string text_in(const std::string& json, const std::string& field) {
  const auto key = "\"" + field + "\":\"";
  const auto at = json.find(key);
  if (at == std::string::npos) return {};
  const auto begin = at + key.size();
  return json.substr(begin, json.find('"', begin) - begin);
}

/// The game: it knows who plays, and what number is to be guessed. It also answers the event
/// `roll` in the chat.
using game_actor =
    event_hook::extend<caf::reacts_to<caf::strong_actor_ptr>,
                       caf::reacts_to<caf::strong_actor_ptr, std::string>,
                       caf::reacts_to<caf::strong_actor_ptr, std::uint64_t, int>>;

class game : public game_actor::base {
 public:
  game(caf::actor_config& config, int number) : game_actor::base(config), number_(number) {}

  behavior_type make_behavior() override {
    set_down_handler([this](const caf::down_msg& down) { players_.erase(down.source); });
    return {
        [this](const api::client_event& event) { return roll(event); },
        [this](const caf::strong_actor_ptr& gateway) {
          rooms_ = caf::actor_cast<gateway_actor>(gateway);
        },
        [this](const caf::strong_actor_ptr& who, const std::string& name) {
          const auto player = caf::actor_cast<client_actor>(who);
          monitor(player);
          players_[player.address()] = {player, name};
        },
        [this](const caf::strong_actor_ptr& who, std::uint64_t ack, int guess) {
          judge(caf::actor_cast<client_actor>(who), ack, guess);
        },
    };
  }

 private:
  struct player {
    client_actor client;
    std::string name;
  };

  void judge(const client_actor& who, std::uint64_t ack, int guess) {
    const std::string word = guess < number_ ? "low" : guess > number_ ? "high" : "right";
    send(who, api::answer{ack, "[\"" + word + "\"]"});
    if (guess != number_) return;
    for (const auto& [address, each] : players_)
      send(each.client,
           api::emit{"won", "[{\"name\":\"" + players_[who.address()].name + "\"}]"});
  }

  caf::result<api::event_answer> roll(const api::client_event& event) {
    if (event.name != "roll") return make_error(errc::bad_request, "this game only rolls");
    thrown_ = thrown_ % 6 + 1;
    const auto number = std::to_string(thrown_);
    api::broadcast news;
    news.room = text_in(event.args, "room");
    news.event = "rolled";
    news.args = "[{\"by\":\"" + event.by.id + "\",\"number\":" + number + "}]";
    request(rooms_, gateway_patience, news).then([](bool) {}, [](const caf::error&) {});
    return api::event_answer{"[{\"ok\":true,\"number\":" + number + "}]"};
  }

  int number_;
  int thrown_ = 3;
  gateway_actor rooms_;
  std::map<caf::actor_addr, player> players_;
};

/// One client in /game. It passes on what the client does, and the game answers by itself.
class seat : public host_application {
 public:
  seat(game_actor game, client_socket& client) : game_(std::move(game)), client_(client) {}

  std::string on_connect(std::string_view auth) override {
    name_ = text_in(std::string{auth}, "name");
    return name_.empty() ? "who are you?" : "";
  }
  void on_connected() override { caf::anon_send(game_, handle(), name_); }
  void on_event(const socket_event& event) override {
    if (event.name == "guess" && event.wants_ack)
      caf::anon_send(game_, handle(), event.ack, number_in(event.args));
  }

 private:
  caf::strong_actor_ptr handle() const {
    return caf::actor_cast<caf::strong_actor_ptr>(client_.actor());
  }

  game_actor game_;
  client_socket& client_;
  std::string name_;
};

int main(int argc, char** argv) {
  caf::actor_system_config config;
  broker::configure(config);
  caf::actor_system system{config};
  game_actor table = system.spawn<game>(7);
  broker_config settings;
  settings.listen = {argc > 1 ? argv[1] : "127.0.0.1:5005"};
  settings.hooks.on_event.actor = table;
  settings.hooks.namespaces["/game"] = [table](client_socket& client) {
    return std::make_unique<seat>(table, client);
  };
  broker chat{system, settings};
  if (const auto failed = chat.start()) {
    std::cerr << system.render(failed) << '\n';
    return 1;
  }
  caf::anon_send(table, caf::actor_cast<caf::strong_actor_ptr>(chat.gateway()));
  std::cout << "a game at " << chat.url() << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
  caf::anon_send_exit(table, caf::exit_reason::user_shutdown);
}
