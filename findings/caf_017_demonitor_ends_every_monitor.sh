#!/bin/bash
# Finding: in CAF 0.17 each monitor() counts, but a single demonitor() takes all of them back.
#
# Package: libcaf-dev 0.17.6 of Debian 12, with g++ 12 in C++17.
#
# One would guess: calls of monitor() are independent of each other (three of them bring three down messages), and
# demonitor() is the opposite of one. Two parts of an actor may each watch another actor, and each stop on its own.
#
# What happens: demonitor() removes every monitor of that actor. After three calls of monitor() and one of demonitor()
# no down message comes at all: the part that still watches waits for ever.
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
#include <atomic>
#include <caf/all.hpp>
#include <chrono>
#include <iostream>
#include <thread>

std::atomic<int> downs{0};

caf::behavior watched(caf::event_based_actor* self) {
  return {[self](int) { self->quit(); }};
}

caf::behavior watcher(caf::event_based_actor* self, caf::actor other, int monitors, int demonitors) {
  self->set_down_handler([](caf::down_msg&) { ++downs; });
  while (monitors-- > 0) self->monitor(other);
  while (demonitors-- > 0) self->demonitor(other);
  self->send(other, 0);
  return {[](int) {}};
}

/// How many down messages come after so many calls.
int count(caf::actor_system& system, int monitors, int demonitors) {
  downs = 0;
  auto other = system.spawn(watched);
  auto self = system.spawn(watcher, other, monitors, demonitors);
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  caf::anon_send_exit(self, caf::exit_reason::user_shutdown);
  return downs;
}

int main() {
  caf::actor_system_config config;
  caf::actor_system system{config};
  const int expected[][3] = {{1, 0, 1}, {3, 0, 3}, {3, 1, 0}};
  bool changed = false;
  for (const auto& [monitors, demonitors, wanted] : expected) {
    const int seen = count(system, monitors, demonitors);
    changed = changed || seen != wanted;
    std::cout << monitors << " x monitor(), " << demonitors << " x demonitor(): " << seen << " down messages"
              << (seen == wanted ? "\n" : "   (has changed)\n");
  }
  return changed ? 1 : 0;
}
CPP
g++ -std=c++17 -w try.cpp -o try -lcaf_core -pthread >compiler.log 2>&1 || { cat compiler.log; exit 2; }
timeout 30 ./try
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
