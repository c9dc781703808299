#include "persistence/search/query_text.hpp"
#include "persistence/search/snippet.hpp"
#include "persistence/search/tokenizer.hpp"
#include "proto/json/text.hpp"
#include "proto/own_event.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using hubbub::token;
using hubbub::token_kind;
using hubbub::tokenizer;
using hubbub::test::require;

namespace {

class checker final : public hubbub::token_sink {
 public:
  explicit checker(std::string_view text) : text_(text) {}
  bool take(const token& each) override {
    require(!each.text.empty() && hubbub::valid_utf8(each.text));
    require(each.begin >= last_ && each.begin < each.first_end);
    require(each.first_end <= each.end && each.end <= text_.size());
    last_ = each.begin;
    words.emplace_back(each.text);
    return true;
  }
  std::vector<std::string> words;

 private:
  std::string_view text_;
  std::size_t last_ = 0;
};

std::vector<std::string> words_of(tokenizer& cutter, std::string_view text,
                                  tokenizer::mode mode) {
  checker found{text};
  require(cutter.run(text, mode, found));
  return found.words;
}

} // namespace

/// Checks for arbitrary bytes that tokens lie in the text, one after the other; that earlier
/// texts change nothing; that a message is found by its own text; and that a snippet is a piece
/// of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static tokenizer used; // remembers what it looked up
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto document = words_of(used, text, tokenizer::mode::document);
  const auto query = words_of(used, text, tokenizer::mode::query);
  require(query.size() <= document.size());
  require(std::equal(query.begin(), query.end(), document.begin()));

  const auto phrases = hubbub::read_query(used, text);
  std::size_t asked = 0;
  for (const auto& each : phrases) {
    require(!each.words.empty() && each.text.find('"') == std::string::npos);
    asked += each.words.size();
  }
  // Words of the message's text, unless the bytes are an event: a query is never read as one.
  const bool is_event = hubbub::readable_text(text).size() < text.size();
  require(is_event || asked <= document.size());
  require(hubbub::search_expression(phrases).empty() == phrases.empty());

  std::string shown;
  for (const auto& each : hubbub::cut_snippet(used, text, phrases)) {
    require(!each.text.empty());
    require(!hubbub::valid_utf8(text) || hubbub::valid_utf8(each.text));
    shown += each.text;
  }
  if (text.find(shown) == std::string_view::npos) {
    constexpr std::string_view left_out = "…";
    if (shown.starts_with(left_out)) shown.erase(0, left_out.size());
    if (shown.ends_with(left_out)) shown.resize(shown.size() - left_out.size());
  }
  require(text.find(shown) != std::string_view::npos);
  return 0;
}
