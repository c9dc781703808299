#!/bin/bash
# Finding: in Boost.Asio 1.81 every async_wait() calls epoll_ctl, which no async_read_some() does.
#
# Package: libboost1.81-dev of Debian 12, with g++ 12.
#
# One would guess: a socket is registered with epoll once (Asio does so edge-triggered), and to wait until it can be read
# is the cheap half of reading: Asio only has to remember whom to call.
#
# What happens: async_wait() changes the registration each time, so that an event that came before is told again. That is
# a system call for each wait. async_read_some() makes none: it tries to read first, and waits for the next edge. A server
# that waits before it reads, to need no buffer for a connection that says nothing, pays for it with as many calls again.
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
version=$(dpkg-query -W -f '${Version}' libboost1.81-dev 2>/dev/null)
case $version in
  1.81.*) echo "libboost1.81-dev $version" ;;
  *) echo "this needs libboost1.81-dev of Debian 12, found '${version:-none}'"; exit 2 ;;
esac

cat >try.cpp <<'CPP'
#include <boost/asio.hpp>
#include <iostream>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

int calls = 0;
// In place of the one of libc, so that the calls are counted.
extern "C" int epoll_ctl(int epoll, int what, int descriptor, epoll_event* event) noexcept {
  ++calls;
  return static_cast<int>(syscall(SYS_epoll_ctl, epoll, what, descriptor, event));
}

namespace asio = boost::asio;
constexpr int rounds = 100;

/// Calls of epoll_ctl for a byte that is sent to a socket and read there, a hundred times.
int calls_for(bool waits) {
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor{context, {asio::ip::make_address("127.0.0.1"), 0}};
  asio::ip::tcp::socket client{context};
  client.connect(acceptor.local_endpoint());
  auto server = acceptor.accept();
  server.non_blocking(true);
  char byte = 'x';
  const int before = calls;
  for (int i = 0; i < rounds; ++i) {
    int got = 0;
    if (waits)
      server.async_wait(asio::ip::tcp::socket::wait_read, [&](boost::system::error_code) {
        got = static_cast<int>(server.read_some(asio::buffer(&byte, 1)));
      });
    else
      server.async_read_some(asio::buffer(&byte, 1), [&](boost::system::error_code, std::size_t n) {
        got = static_cast<int>(n);
      });
    asio::write(client, asio::buffer("x", 1));
    context.restart();
    while (got == 0) context.run_one();
  }
  return calls - before;
}

int main() {
  const int reading = calls_for(false);
  const int waiting = calls_for(true);
  std::cout << rounds << " x async_read_some():            " << reading << " calls of epoll_ctl\n"
            << rounds << " x async_wait() and read_some(): " << waiting << " calls of epoll_ctl\n";
  return reading == 0 && waiting == rounds ? 0 : 1;
}
CPP
g++ -std=c++20 -w try.cpp -o try -pthread >compiler.log 2>&1 || { cat compiler.log; exit 2; }
timeout 60 ./try
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
