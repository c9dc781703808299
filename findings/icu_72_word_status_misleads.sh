#!/bin/bash
# Finding: ICU's status of a word calls kana ideographs, "covid19" a number, and an emoji no word unless it is a keycap.
#
# Package: libicu-dev 72.1 of Debian 12, with g++.
#
# One would guess: the status tells what a word is made of, by the names of its values: UBRK_WORD_KANA for kana,
# UBRK_WORD_IDEO for ideographs, UBRK_WORD_NUMBER for what appears to be a number, and UBRK_WORD_LETTER else.
#
# What happens: katakana and hiragana are UBRK_WORD_IDEO; UBRK_WORD_KANA never comes. A word of letters and digits is a
# number if it ends in a digit ("covid19", "v1.2") and letters if it ends in a letter ("4k"), so who skips numbers skips
# "covid19" too. An emoji is a sign, like a space (UBRK_WORD_NONE), but a keycap is a number.
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

std::string statuses(const char* text) {
  UErrorCode code = U_ZERO_ERROR;
  std::unique_ptr<icu::BreakIterator> breaks{icu::BreakIterator::createWordInstance(icu::Locale::getRoot(), code)};
  if (U_FAILURE(code)) return "no iterator";
  breaks->setText(icu::UnicodeString::fromUTF8(text));
  std::string list;
  while (breaks->next() != icu::BreakIterator::DONE) {
    const int32_t status = breaks->getRuleStatus();
    const char* name = status < UBRK_WORD_NONE_LIMIT     ? "NONE"
                       : status < UBRK_WORD_NUMBER_LIMIT ? "NUMBER"
                       : status < UBRK_WORD_LETTER_LIMIT ? "LETTER"
                       : status < UBRK_WORD_KANA_LIMIT   ? "KANA"
                                                         : "IDEO";
    if (list.empty() || list.find(name) == std::string::npos) list += (list.empty() ? "" : " ") + std::string{name};
  }
  return list;
}

int main() {
  const char* expected[][2] = {
    {"word", "LETTER"},   {"1,000", "NUMBER"},  {"漢字", "IDEO"}, {"カタカナ", "IDEO"}, {"ｶﾀｶﾅ", "IDEO"},
    {"ひらがな", "IDEO"}, {"covid19", "NUMBER"}, {"v1.2", "NUMBER"}, {"4k", "LETTER"}, {"😀", "NONE"}, {"1️⃣", "NUMBER"},
  };
  bool changed = false;
  for (const auto& [text, wanted] : expected) {
    const std::string seen = statuses(text);
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
