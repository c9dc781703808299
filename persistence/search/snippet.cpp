#include "persistence/search/snippet.hpp"

#include "proto/own_event.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace hubbub {

namespace {

// A word counts two, a character of a script without spaces one, so this is 24 words.
constexpr int longest = 48;
constexpr std::string_view left_out = "…";
// Number of places that are tried for the best part; later ones are seldom better.
constexpr std::size_t tried = 64;

struct word {
  std::string text;
  std::size_t begin;
  std::size_t end;
  std::size_t first_end;
  int size;
};

class word_list final : public token_sink {
 public:
  bool take(const token& each) override {
    const bool whole = each.kind == token_kind::word || each.kind == token_kind::emoji;
    words.push_back(
        {std::string{each.text}, each.begin, each.end, each.first_end, whole ? 2 : 1});
    return true;
  }
  std::vector<word> words;
};

/// A phrase that was found, as a range of words and a range of bytes.
struct match {
  std::size_t phrase;
  std::size_t first;
  std::size_t last;
  std::size_t begin;
  std::size_t end;
};

bool is_at(const query_phrase& phrase, const std::vector<word>& words, std::size_t first) {
  const auto count = phrase.words.size();
  if (first + count > words.size()) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& found = words[first + i].text;
    const bool may_go_on = phrase.open_ended && i + 1 == count;
    if (may_go_on ? !found.starts_with(phrase.words[i]) : found != phrase.words[i])
      return false;
  }
  return true;
}

/// Returns the matches ordered by where they begin.
std::vector<match> matches_of(const std::vector<query_phrase>& phrases,
                              const std::vector<word>& words) {
  std::vector<match> found;
  for (std::size_t first = 0; first < words.size(); ++first) {
    for (std::size_t i = 0; i < phrases.size(); ++i) {
      if (!is_at(phrases[i], words, first)) continue;
      const auto last = first + phrases[i].words.size() - 1;
      const auto end = phrases[i].ends_in_single ? words[last].first_end : words[last].end;
      found.push_back({i, first, last, words[first].begin, end});
    }
  }
  return found;
}

struct span {
  std::size_t first = 0; ///< index of a word
  std::size_t end = 0;
};

/// Returns as many words from `first` on as a snippet holds.
span part_from(const std::vector<word>& words, std::size_t first) {
  span part{first, first};
  for (int room = longest; part.end < words.size(); ++part.end) {
    room -= words[part.end].size;
    if (room < 0) break;
  }
  return part;
}

/// Returns how many of the phrases lie entirely in the part, and the last word of them.
std::pair<std::size_t, std::size_t> score(const std::vector<match>& matches, std::size_t from,
                                          const span& part) {
  std::vector<std::size_t> phrases;
  auto last = matches[from].last;
  for (auto i = from; i < matches.size() && matches[i].first < part.end; ++i) {
    if (matches[i].last >= part.end) continue;
    if (std::ranges::find(phrases, matches[i].phrase) != phrases.end()) continue;
    phrases.push_back(matches[i].phrase);
    last = std::max(last, matches[i].last);
  }
  return {phrases.size(), last};
}

/// Moves the part back until its matches are in its middle.
span centred(const std::vector<word>& words, span part, std::size_t last) {
  int behind = 0;
  for (auto i = last + 1; i < part.end; ++i)
    behind += words[i].size;
  // Space that the end of the text leaves unused goes to the words in front.
  int used = 0;
  for (auto i = part.first; i < part.end; ++i)
    used += words[i].size;
  int room = std::max(behind / 2, longest - used);
  auto first = part.first;
  while (first > 0 && room >= words[first - 1].size)
    room -= words[--first].size;
  return part_from(words, first);
}

span best_part(const std::vector<word>& words, const std::vector<match>& matches) {
  const auto beginning = part_from(words, 0);
  if (beginning.end == words.size() || matches.empty()) return beginning;
  span best;
  std::size_t best_score = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < std::min(matches.size(), tried); ++i) {
    const auto part = part_from(words, matches[i].first);
    const auto [phrases, end] = score(matches, i, part);
    if (phrases <= best_score) continue;
    best = part;
    best_score = phrases;
    last = end;
  }
  return best_score > 0 ? centred(words, best, last) : beginning;
}

void add_part(std::vector<snippet_part>& parts, std::string_view text, bool matched) {
  if (text.empty()) return;
  if (!parts.empty() && parts.back().match == matched)
    parts.back().text += text;
  else
    parts.push_back({std::string{text}, matched});
}

} // namespace

bool contains_all(tokenizer& words, std::string_view content,
                  const std::vector<query_phrase>& phrases) {
  word_list list;
  words.run(content, tokenizer::mode::document, list);
  return std::ranges::all_of(phrases, [&](const query_phrase& phrase) {
    for (std::size_t first = 0; first < list.words.size(); ++first)
      if (is_at(phrase, list.words, first)) return true;
    return false;
  });
}

std::vector<snippet_part> cut_snippet(tokenizer& words, std::string_view content,
                                      const std::vector<query_phrase>& phrases) {
  content = readable_text(content);
  word_list list;
  words.run(content, tokenizer::mode::document, list);
  const auto matches = matches_of(phrases, list.words);
  const auto part = best_part(list.words, matches);
  const auto begin = part.first == 0 ? 0 : list.words[part.first].begin;
  const bool to_the_end = part.end == list.words.size();
  const auto end = to_the_end ? content.size() : list.words[part.end - 1].end;

  std::vector<snippet_part> parts;
  if (begin > 0) add_part(parts, left_out, false);
  auto at = begin;
  for (std::size_t i = 0; i < matches.size();) {
    auto from = std::max(matches[i].begin, begin);
    auto to = matches[i].end;
    // Matches that overlap or touch are merged.
    for (++i; i < matches.size() && matches[i].begin <= to; ++i)
      to = std::max(to, matches[i].end);
    to = std::min(to, end);
    if (from >= to) continue;
    add_part(parts, content.substr(at, from - at), false);
    add_part(parts, content.substr(from, to - from), true);
    at = to;
  }
  add_part(parts, content.substr(at, end - at), false);
  if (!to_the_end) add_part(parts, left_out, false);
  return parts;
}

} // namespace hubbub
