#!/bin/bash
# Finding: in CAF 0.17 remote_actor() succeeds at once for a node that is frozen, and so nobody can tell by it.
#
# Package: libcaf-dev 0.17.6 of Debian 12, with g++ 12 in C++17.
#
# One would guess: connecting again is how a program finds out whether a node that no longer answers is back, since
# remote_actor(host, port) connects, shakes hands and returns an actor, or an error.
#
# What happens: the middleman keeps what a host and a port led to until the connection ends, and a connection to a node
# that has stopped, or that a network in between swallows, does not end. So remote_actor() returns the old actor at
# once, without a byte on the wire, however often it is called, and each request to it runs into its time limit. To
# connect anew a program has to end the old connection, for which the library has no function, or have both nodes set
# middleman.heartbeat-interval and middleman.connection-timeout, which are off by default.
set -u
folder=$(mktemp -d) || exit 2
trap 'kill -KILL $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$folder"' EXIT
server=
cd "$folder" || exit 2
version=$(dpkg-query -W -f '${Version}' libcaf-dev 2>/dev/null)
case $version in
  0.17.6*) echo "libcaf-dev $version" ;;
  *) echo "this needs libcaf-dev 0.17.6 of Debian 12, found '${version:-none}'"; exit 2 ;;
esac

cat >try.cpp <<'CPP'
#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <signal.h>

caf::behavior adder(caf::event_based_actor*, int one) {
  return {[one](int x) { return x + one; }};
}

int main(int, char** arguments) {
  caf::actor_system_config config;
  config.load<caf::io::middleman>();
  caf::actor_system system{config};
  if (arguments[1] == nullptr) {
    auto port = system.middleman().publish(system.spawn(adder, 1), 0, "127.0.0.1");
    if (!port) return 2;
    std::cout << *port << std::endl;
    system.await_all_actors_done();
  }
  const auto port = static_cast<uint16_t>(std::atoi(arguments[1]));
  caf::scoped_actor self{system};
  auto ask = [&](const char* when) {
    auto found = system.middleman().remote_actor("127.0.0.1", port);
    bool answered = false;
    if (found)
      self->request(*found, std::chrono::seconds{2}, 1)
          .receive([&](int) { answered = true; }, [](const caf::error&) {});
    std::cout << when << ": remote_actor " << (found ? "succeeds" : "fails") << ", the request "
              << (answered ? "is answered" : "is not answered") << std::endl;
  };
  ask("before");
  kill(std::atoi(arguments[2]), SIGSTOP);
  ask("frozen");
  std::_Exit(0);
}
CPP
g++ -std=c++17 -w try.cpp -o try -lcaf_io -lcaf_core -pthread >compiler.log 2>&1 || { cat compiler.log; exit 2; }
mkfifo port
./try >port &
server=$!
read -r number <port || exit 2
timeout 60 ./try "$number" "$server" >said.log || { cat said.log; exit 2; }
cat said.log
if grep -q '^before: remote_actor succeeds, the request is answered$' said.log &&
  grep -q '^frozen: remote_actor succeeds, the request is not answered$' said.log; then
  echo "as described"
else
  echo "the behaviour has changed"
  exit 1
fi
