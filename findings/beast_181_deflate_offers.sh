#!/bin/bash
# Finding: Boost.Beast grants a larger window of permessage-deflate than the client allows, and reads only one offer.
#
# Package: libboost1.81-dev of Debian 12, with g++.
#
# One would guess: the server answers an offer of `server_max_window_bits` with that value or a smaller one, as RFC 7692
# demands, or not at all; and if a client offers permessage-deflate twice, the second is considered where the first
# cannot be agreed to (that is what a list of offers is for).
#
# What happens: an offer of 8 bits is agreed to with 9, which a client has to take for an error. And only the first offer
# of permessage-deflate counts: if it has a parameter that Beast does not know, there is no compression at all, although
# an offer follows that Beast agrees to when it is alone.
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
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <iostream>
#include <string>
#include <thread>

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

/// The extensions that a Beast server agrees to.
std::string agreed(const std::string& offer) {
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor{context, {asio::ip::make_address("127.0.0.1"), 0}};
  asio::ip::tcp::socket client{context};
  client.connect(acceptor.local_endpoint());
  asio::write(client, asio::buffer("GET / HTTP/1.1\r\nHost: local\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                                   "Sec-WebSocket-Extensions: " + offer + "\r\n\r\n"));
  websocket::stream<asio::ip::tcp::socket> server{acceptor.accept()};
  websocket::permessage_deflate options;
  options.server_enable = true;
  server.set_option(options);
  server.accept();
  std::string answer;
  asio::read_until(client, asio::dynamic_buffer(answer), "\r\n\r\n");
  const std::string name = "Sec-WebSocket-Extensions: ";
  const auto at = answer.find(name);
  if (at == std::string::npos) return "nothing";
  const auto begin = at + name.size();
  return answer.substr(begin, answer.find("\r\n", begin) - begin);
}

int main() {
  const char* expected[][2] = {
    {"permessage-deflate", "permessage-deflate"},
    {"permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=10"},
    {"permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=9"},
    {"permessage-deflate; quality=1", "nothing"},
    {"permessage-deflate; quality=1, permessage-deflate; server_max_window_bits=10", "nothing"},
  };
  bool changed = false;
  for (const auto& [offer, wanted] : expected) {
    const std::string seen = agreed(offer);
    changed = changed || seen != wanted;
    std::cout << "offer: " << offer << "\n  agreed: " << seen << (seen == wanted ? "\n" : "   (has changed)\n");
  }
  return changed ? 1 : 0;
}
CPP
g++ -std=c++17 -w try.cpp -o try -pthread >compiler.log 2>&1 || { cat compiler.log; exit 2; }
timeout 30 ./try
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
