#!/bin/bash
# Finding: Boost.URL 1.81 takes the port 99999 for port 34463.
#
# Package: libboost-url1.81-dev of Debian 12, with g++.
#
# One would guess: a URL with a port beyond 65535 is refused, or `port_number()` is 0 as for a missing one: the
# documentation says that it is zero unless the value is representable.
#
# What happens: such a URL is fine, and its `port_number()` is zero for about half of these numbers; for the others it is
# what is left of them in 16 bits. A digit too many in a setting, and the program connects to some other port. Only
# `port()`, the text, tells.
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
version=$(dpkg-query -W -f '${Version}' libboost-url1.81-dev 2>/dev/null)
case $version in
  1.81.*) echo "libboost-url1.81-dev $version" ;;
  *) echo "this needs libboost-url1.81-dev of Debian 12, found '${version:-none}'"; exit 2 ;;
esac

cat >try.cpp <<'CPP'
#include <boost/url.hpp>
#include <iomanip>
#include <iostream>
#include <string>

int main() {
  const struct {
    std::string url;
    int expected;
  } samples[] = {{"redis://example.org", 0},           {"redis://example.org:6379", 6379},
                 {"redis://example.org:65535", 65535}, {"redis://example.org:65536", 0},
                 {"redis://example.org:80000", 14464}, {"redis://example.org:99999", 34463},
                 {"redis://example.org:637999", 0},    {"redis://example.org:655359", 65535}};
  bool changed = false;
  for (const auto& sample : samples) {
    const auto url = boost::urls::parse_uri(sample.url);
    const int seen = url ? url->port_number() : -1;
    changed = changed || seen != sample.expected;
    std::cout << std::left << std::setw(26) << sample.url << " | ";
    if (url) std::cout << "port() '" << url->port() << "', port_number() " << seen;
    else std::cout << url.error().message();
    std::cout << (seen == sample.expected ? "\n" : "   (has changed)\n");
  }
  return changed ? 1 : 0;
}
CPP
g++ -std=c++17 -w try.cpp -o try -lboost_url >compiler.log 2>&1 || { cat compiler.log; exit 2; }
timeout 30 ./try
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
