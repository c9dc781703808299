#!/bin/bash
# Finding: CAF 0.17 sends caf::optional between actors of two nodes, and refuses to compile a message with std::optional.
#
# Package: libcaf-dev 0.17.6 of Debian 12, with g++ 12 in C++17.
#
# One would guess: a type whose inspect() names its members can be sent, as the manual says, and std::optional, for which
# the library is built in a newer standard than it needs, is such a member like any other.
#
# What happens: the serializer of 0.17 knows caf::optional (and caf::variant) alone. The same struct with std::optional
# does not compile, with an error deep inside the serializer; std::variant is the same.
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
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <iostream>
#include <optional>
#include <variant>
#include <vector>

struct note {
  MEMBER value;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, note& x) {
  return f(caf::meta::type_name("note"), x.value);
}

int main() {
  caf::actor_system_config config;
  config.add_message_type<note>("note");
  caf::actor_system system{config};
  std::vector<char> bytes;
  caf::binary_serializer out{system, bytes};
  note sent;
  sent.value = 7;
  if (out(sent)) return 1;
  caf::binary_deserializer in{system, bytes};
  note got;
  if (in(got) || !(got.value == sent.value)) return 1;
  std::cout << "travels\n";
}
CPP

try() {
  if ! g++ -std=c++17 -w "-DMEMBER=$1" try.cpp -o try -lcaf_core -pthread >compiler.log 2>&1; then
    echo "does not compile"
  else
    ./try || echo "is lost"
  fi
}
own=$(try 'caf::optional<int>')
standard=$(try 'std::optional<int>')
echo "caf::optional<int>: $own"
echo "std::optional<int>: $standard"
if [ "$own" = travels ] && [ "$standard" = "does not compile" ]; then
  echo "as described"
else
  echo "the behaviour has changed"
  exit 1
fi
