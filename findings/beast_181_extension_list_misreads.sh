#!/bin/bash
# Finding: Boost.Beast's ext_list gives an extension the parameters of the one before it, or ends the list early.
#
# Package: libboost1.81-dev of Debian 12, with g++.
#
# One would guess: http::ext_list, which Beast reads `Sec-WebSocket-Extensions` with, yields each extension of the list
# with its own parameters.
#
# What happens: the last extension of a list, if it has no parameters, gets those of its predecessor. And a parameter
# without a value ends the list where a comma follows: all extensions after it are gone. So a Beast server does not see
# "permessage-deflate" after "x-other; flag", and after "x-other; quality=1" sees it with a parameter that it must refuse.
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
#include <boost/beast/http/rfc7230.hpp>
#include <iostream>
#include <string>

std::string read(const char* list) {
  std::string text;
  for (const auto& [name, parameters] : boost::beast::http::ext_list{list}) {
    text += "[" + std::string{name};
    for (const auto& [key, value] : parameters) {
      text += "; " + std::string{key} + (value.empty() ? "" : "=") + std::string{value};
    }
    text += "]";
  }
  return text;
}

int main() {
  const char* expected[][2] = {
    {"x-other, permessage-deflate", "[x-other][permessage-deflate]"},
    {"x-other; quality=1, permessage-deflate; a=2", "[x-other; quality=1][permessage-deflate; a=2]"},
    {"x-other; quality=1, permessage-deflate, x-more", "[x-other; quality=1][permessage-deflate][x-more]"},
    {"x-other; quality=1, permessage-deflate", "[x-other; quality=1][permessage-deflate; quality=1]"},
    {"x-other; flag, permessage-deflate", "[x-other]"},
    {"permessage-deflate; client_max_window_bits, x-other; a=2", "[permessage-deflate]"},
  };
  bool changed = false;
  for (const auto& [list, wanted] : expected) {
    const std::string seen = read(list);
    changed = changed || seen != wanted;
    std::cout << list << "\n  " << seen << (seen == wanted ? "\n" : "   (has changed)\n");
  }
  return changed ? 1 : 0;
}
CPP
g++ -std=c++17 -w try.cpp -o try >compiler.log 2>&1 || { cat compiler.log; exit 2; }
./try
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
