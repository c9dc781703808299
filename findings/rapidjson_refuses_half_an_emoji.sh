#!/bin/bash
# Finding: RapidJSON refuses a whole document for one half of an emoji, which JavaScript's and Python's JSON may write.
#
# Package: rapidjson-dev 1.1.0 of Debian 12, with g++, node and python3.
#
# One would guess: what `JSON.stringify()` and `json.dumps()` write is JSON to every parser. If a page cuts a text to a
# number of UTF-16 units, in the middle of an emoji, the document holds the escape of a lone surrogate, which the grammar
# of RFC 8259 allows; its text may come out odd, but the rest of the document is there.
#
# What happens: the first half of a pair alone is a parse error, and all of the document is lost; the second half alone
# is none. A number beyond the range of a double (1e309), which both of the others read as infinity, is an error too.
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
version=$(dpkg-query -W -f '${Version}' rapidjson-dev 2>/dev/null)
case $version in
  1.1.0+*) echo "rapidjson-dev $version" ;;
  *) echo "this needs rapidjson-dev 1.1.0 of Debian 12, found '${version:-none}'"; exit 2 ;;
esac
echo "node $(node --version), $(python3 --version)"

cat >try.cpp <<'CPP'
#include <iostream>
#include <iterator>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <string>

int main() {
  const std::string text{std::istreambuf_iterator<char>{std::cin}, {}};
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  std::cout << (document.HasParseError() ? rapidjson::GetParseError_En(document.GetParseError()) : "accepted") << "\n";
}
CPP
g++ -std=c++17 -w try.cpp -o try >compiler.log 2>&1 || { cat compiler.log; exit 2; }

changed=0
check() { # WHAT DOCUMENT EXPECTED
  seen=$(printf '%s' "$2" | ./try)
  printf '%-32s | %-24s | RapidJSON: %s\n' "$1" "$2" "$seen"
  [ "$seen" = "$3" ] || changed=1
}
pair="The surrogate pair in string is invalid."
check "the emoji, as JavaScript says it" "$(node -p "JSON.stringify({ text: '😀' })")" accepted
check "its first half, by JavaScript" "$(node -p "JSON.stringify({ text: '😀'.slice(0, 1) })")" "$pair"
check "its first half, by Python" "$(python3 -c 'import json; print(json.dumps({"text": "\ud83d"}))')" "$pair"
check "its second half, by JavaScript" "$(node -p "JSON.stringify({ text: '😀'.slice(1) })")" accepted
check "a number beyond a double" '{"number":1e309}' "Number too big to be stored in double."
javascript=$(node -p 'JSON.parse(`{"number":1e309}`).number')
python=$(python3 -c 'import json; print(json.loads("{\"number\":1e309}")["number"])')
echo "the same number: JavaScript $javascript, Python $python"
[ "$javascript $python" = "Infinity inf" ] || changed=1
[ $changed -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $changed
