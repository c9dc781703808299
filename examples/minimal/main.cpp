#include <caf/all.hpp>
#include <hubbub/hubbub.hpp>

#include <iostream>
#include <limits>

int main(int argc, char** argv) {
  caf::actor_system_config config;
  hubbub::broker::configure(config);
  caf::actor_system system{config};

  hubbub::broker_config settings;
  settings.listen = {argc > 1 ? argv[1] : "127.0.0.1:5005"};
  hubbub::broker chat{system, settings};
  if (const auto failed = chat.start()) {
    std::cerr << system.render(failed) << '\n';
    return 1;
  }
  std::cout << "a chat at " << chat.url() << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
}
