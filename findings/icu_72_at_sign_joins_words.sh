#!/bin/bash
# Finding: ICU 72's word iterator takes an at sign into the word, so that "@bob" is another word than "bob".
#
# Package: libicu-dev 72.1 of Debian 12, with g++.
#
# One would guess: words are cut by Unicode's UAX #29, where the at sign is no letter and stands alone, as the number
# sign does: "@bob" is a sign and the word "bob", and "me@example.org" is "me" and "example.org". An index of words
# finds the mentions of bob by his name.
#
# What happens: "@bob" and "me@example.org" are one word each, with the status of a word of letters. The number sign
# stands alone. Whoever keeps each segment with a word's status, as an index would, has no word "bob".
set -u
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
version=$(dpkg-query -W -f '${Version}' libicu-dev 2>/dev/null)
case $version in
  72.1-*) echo "libicu-dev $version" ;;
  *) echo "this needs libicu-dev 72.1 of Debian 12, found '${version:-none}'"; exit 2 ;;
esac

cat >try.cpp <<'CPP'
#include <iostream>
#include <memory>
#include <string>
#include <unicode/brkiter.h>
#include <unicode/ubrk.h>

std::string words(const char* text) {
  UErrorCode code = U_ZERO_ERROR;
  std::unique_ptr<icu::BreakIterator> breaks{icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), code)};
  if (U_FAILURE(code)) return "no iterator";
  const icu::UnicodeString units = icu::UnicodeString::fromUTF8(text);
  breaks->setText(units);
  std::string list;
  int32_t begin = breaks->first();
  for (int32_t end = breaks->next(); end != icu::BreakIterator::DONE; begin = end, end = breaks->next()) {
    if (breaks->getRuleStatus() < UBRK_WORD_NONE_LIMIT) continue; // spaces and signs
    std::string word;
    units.tempSubStringBetween(begin, end).toUTF8String(word);
    list += (list.empty() ? "" : " | ") + word;
  }
  return list;
}

int main() {
  const char* expected[][2] = {
    {"thanks #bob", "thanks | bob"},
    {"thanks @bob", "thanks | @bob"},
    {"thanks (bob)", "thanks | bob"},
    {"me@example.org", "me@example.org"},
  };
  bool changed = false;
  for (const auto& [text, wanted] : expected) {
    const std::string seen = words(text);
    changed = changed || seen != wanted;
    std::cout << text << ": " << seen << (seen == wanted ? "" : std::string{"   (was: "} + wanted + ")") << "\n";
  }
  return changed ? 1 : 0;
}
CPP
g++ -std=c++17 try.cpp -o try -licuuc >compiler.log 2>&1 || { cat compiler.log; exit 2; }
./try
status=$?
[ $status -eq 0 ] && echo "as described" || echo "the behaviour has changed"
exit $status
