#!/bin/bash
# Finding: in CAF 0.17 every actor that ends wakes the thread of CAF's clock.
#
# Package: libcaf-dev 0.17.6 of Debian 12, with g++ 12 in C++17.
#
# One would guess: an actor that never set a timer, asked for a time limit or sent a delayed message has nothing to do with
# the clock, so that its end costs the clock nothing. An actor that lives on costs it nothing indeed.
#
# What happens: the end of every actor is told to the clock, whose thread wakes, finds nothing to take back, and sleeps
# again: two switches of context and two system calls for each. In a server with an actor for each connection that is a good
# part of what a short connection costs.
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
version=$(dpkg-query -W -f '${Version}' libcaf-dev 2>/dev/null)
case $version in
  0.17.6*) echo "libcaf-dev $version" ;;
  *) echo "this needs libcaf-dev 0.17.6 of Debian 12, found '${version:-none}'"; exit 2 ;;
esac

cat >try.cpp <<'CPP'
#include <caf/all.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

/// How often the thread of the clock has gone to sleep so far; -1 if there is no such thread.
long sleeps_of_clock() {
  for (const auto& thread : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::string name;
    std::getline(std::ifstream{thread.path() / "comm"} >> std::ws, name);
    if (name != "caf.clock") continue;
    std::ifstream status{thread.path() / "status"};
    for (std::string word; status >> word;)
      if (word == "voluntary_ctxt_switches:") {
        long count = -1;
        status >> count;
        return count;
      }
  }
  return -1;
}

caf::behavior plain(caf::event_based_actor* self) {
  return {[self](bool ends) { if (ends) self->quit(); return 0; }};
}

/// How often the clock sleeps while so many actors answer one message each, and end or do not.
long sleeps(caf::actor_system& system, int actors, bool end) {
  caf::scoped_actor self{system};
  std::vector<caf::actor> living;
  const long before = sleeps_of_clock();
  for (int i = 0; i < actors; ++i) {
    const auto other = system.spawn(plain);
    self->send(other, end);
    self->receive([](int) {});
    // The clock is given the time to fall asleep again.
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
    living.push_back(other);
  }
  const long seen = sleeps_of_clock() - before;
  for (const auto& each : living) caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  return seen;
}

int main() {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  caf::actor_system system{config};
  constexpr int actors = 500;
  for (int i = 0; i < 1000 && sleeps_of_clock() < 0; ++i) // the thread has yet to name itself
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  if (sleeps_of_clock() < 0) {
    std::cout << "there is no thread named caf.clock\n";
    return 1;
  }
  const long living = sleeps(system, actors, false);
  std::this_thread::sleep_for(std::chrono::milliseconds{500}); // until these have ended
  const long ended = sleeps(system, actors, true);
  std::cout << actors << " actors that live on: the clock woke " << (living < actors / 10 ? "never, or nearly so" : "often")
            << " (" << living << ")\n"
            << actors << " actors that end:     the clock woke " << (ended > actors / 2 ? "for most of them" : "seldom")
            << " (" << ended << ")\n";
  return living < actors / 10 && ended > actors / 2 ? 0 : 1;
}
CPP
g++ -std=c++17 -w try.cpp -o try -lcaf_core -pthread >compiler.log 2>&1 || { cat compiler.log; exit 2; }
timeout 60 ./try
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
