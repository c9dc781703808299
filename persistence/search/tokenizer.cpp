#include "persistence/search/tokenizer.hpp"

#include "proto/own_event.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace hubbub {

namespace {

/// ASCII letters and digits in lower case; 0 for every other character.
constexpr auto ascii_letters = [] {
  std::array<char, 256> table{};
  for (unsigned char each = '0'; each <= '9'; ++each)
    table[each] = static_cast<char>(each);
  constexpr unsigned char to_upper_case = 'a' - 'A';
  for (unsigned char each = 'a'; each <= 'z'; ++each) {
    table[each] = static_cast<char>(each);
    table[static_cast<unsigned char>(each - to_upper_case)] = static_cast<char>(each);
  }
  return table;
}();

char lower(char each) {
  return ascii_letters[static_cast<unsigned char>(each)];
}

bool is_ascii(char each) {
  return static_cast<unsigned char>(each) < 0x80;
}

} // namespace

bool tokenizer::run(std::string_view text, mode purpose, token_sink& sink) {
  purpose_ = purpose;
  sink_ = &sink;
  wanted_ = true;
  held_ = false;
  word_.clear();
  run_length_ = 0;
  const auto first = text.size() - readable_text(text).size();
  for (auto at = first; at < text.size() && wanted_;)
    at = is_ascii(text[at]) ? read_ascii(text, at) : read_other(text, at);
  end_word();
  end_run();
  return wanted_;
}

std::size_t tokenizer::read_ascii(std::string_view text, std::size_t at) {
  auto end = at;
  while (end < text.size() && lower(text[end]) != 0)
    ++end;
  const bool more = end < text.size() && !is_ascii(text[end]);
  // The digit of a keycap belongs to the characters after it.
  const bool keycap = more && end > at && letter_folder::is_keycap(text, end - 1);
  const auto letters = end - at - (keycap ? 1 : 0);
  if (letters > 0) {
    end_run();
    if (word_.empty()) word_begin_ = at;
    const auto length = word_.size();
    word_.resize(length + letters);
    std::transform(text.begin() + static_cast<std::ptrdiff_t>(at),
                   text.begin() + static_cast<std::ptrdiff_t>(at + letters),
                   word_.begin() + static_cast<std::ptrdiff_t>(length), lower);
    word_end_ = at + letters;
  }
  if (keycap) return read_other(text, end - 1);
  if (more && end > at) return end; // a mark may follow
  end_word();
  if (end > at) return end;
  end_run();
  return letter_folder::is_keycap(text, at) ? read_other(text, at) : at + 1;
}

std::size_t tokenizer::read_other(std::string_view text, std::size_t at) {
  const auto end = folder_.fold(text, at);
  const auto& letters = folder_.letters();
  if (letters.empty()) {
    stretch(end);
    return end;
  }
  if (letters.front().kind == letter_kind::emoji) {
    end_word();
    end_run();
    for (const auto& each : letters)
      append_utf8(word_, each.code);
    emit({word_, token_kind::emoji, at, end, end});
    word_.clear();
    return end;
  }
  for (const auto& each : letters) {
    switch (each.kind) {
    case letter_kind::word: add_to_word(each.code, at, end); break;
    case letter_kind::pair: add_to_run(each.code, at, end); break;
    case letter_kind::mark: add_mark(each.code, end); break;
    case letter_kind::none:
    case letter_kind::emoji:
      end_word();
      end_run();
      break;
    }
  }
  return end;
}

void tokenizer::add_to_word(char32_t code, std::size_t begin, std::size_t end) {
  end_run();
  if (word_.empty()) word_begin_ = begin;
  append_utf8(word_, code);
  word_end_ = end;
}

void tokenizer::add_to_run(char32_t code, std::size_t begin, std::size_t end) {
  end_word();
  if (run_length_ == 0) emit_held();
  if (run_length_ >= 2) emit_pair();
  std::swap(before_, last_);
  last_.text.clear();
  append_utf8(last_.text, code);
  last_.begin = begin;
  last_.end = end;
  ++run_length_;
}

void tokenizer::add_mark(char32_t code, std::size_t end) {
  // After a space it is not part of a word, by UAX 29.
  if (!word_.empty()) return add_to_word(code, word_begin_, end);
  if (run_length_ == 0) return;
  append_utf8(last_.text, code);
  last_.end = end;
}

void tokenizer::stretch(std::size_t end) {
  if (!word_.empty()) word_end_ = end;
  if (run_length_ > 0) last_.end = end;
}

void tokenizer::end_word() {
  if (word_.empty()) return;
  emit({word_, token_kind::word, word_begin_, word_end_, word_end_});
  word_.clear();
}

void tokenizer::end_run() {
  if (run_length_ == 0) return;
  if (run_length_ >= 2) emit_pair();
  const bool alone = run_length_ == 1;
  run_length_ = 0;
  held_ = !alone && purpose_ == mode::query;
  if (!held_) emit({last_.text, token_kind::single, last_.begin, last_.end, last_.end});
}

void tokenizer::emit_pair() {
  pair_.assign(before_.text).append(last_.text);
  emit({pair_, token_kind::pair, before_.begin, last_.end, before_.end});
}

void tokenizer::emit_held() {
  if (std::exchange(held_, false) && wanted_)
    wanted_ = sink_->take({last_.text, token_kind::single, last_.begin, last_.end, last_.end});
}

void tokenizer::emit(const token& each) {
  emit_held();
  if (wanted_) wanted_ = sink_->take(each);
}

} // namespace hubbub
