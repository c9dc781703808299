#include "bench/client/http_reader.hpp"

#include <algorithm>
#include <charconv>

namespace hubbub::bench {
namespace {

constexpr std::size_t longest_head = 64 * 1024;
constexpr std::size_t longest_body = 64 * 1024 * 1024;
constexpr std::string_view line_end = "\r\n";

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&lower](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t'))
    text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t'))
    text.remove_suffix(1);
  return text;
}

/// Reads all of `text` as a number.
template <class Number>
bool read_number(std::string_view text, Number& to, int base = 10) {
  const auto* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, to, base);
  return error == std::errc{} && stop == end;
}

} // namespace

http_reader::state http_reader::feed(std::string_view bytes) {
  bytes_ += bytes;
  if (!has_head_)
    if (const auto found = read_head(); found != state::finished) return found;
  return read_body();
}

http_reader::state http_reader::end() {
  stays_open_ = false;
  return has_head_ && framing_ == framing::until_end ? state::finished : state::broken;
}

void http_reader::reset() {
  bytes_.clear();
  body_.clear();
  has_head_ = false;
  stays_open_ = true;
  framing_ = framing::until_end;
  length_ = 0;
  status_ = 0;
}

http_reader::state http_reader::read_head() {
  const auto end = bytes_.find("\r\n\r\n");
  if (end == std::string::npos)
    return bytes_.size() > longest_head ? state::broken : state::unfinished;
  const auto head = std::string_view{bytes_}.substr(0, end + line_end.size());
  const auto first = head.substr(0, head.find(line_end));
  if (!first.starts_with("HTTP/1.") || first.size() < 12 ||
      !read_number(first.substr(9, 3), status_))
    return state::broken;
  stays_open_ = first[7] != '0';
  for (auto rest = head.substr(first.size() + line_end.size()); !rest.empty();) {
    const auto line = rest.substr(0, rest.find(line_end));
    if (!read_field(line)) return state::broken;
    rest.remove_prefix(line.size() + line_end.size());
  }
  has_head_ = true;
  bytes_.erase(0, end + 2 * line_end.size());
  return state::finished;
}

bool http_reader::read_field(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  const auto name = line.substr(0, colon);
  const auto value = trimmed(line.substr(colon + 1));
  if (same_word(name, "connection")) {
    if (same_word(value, "close")) stays_open_ = false;
    if (same_word(value, "keep-alive")) stays_open_ = true;
  } else if (same_word(name, "transfer-encoding")) {
    if (!same_word(value, "chunked")) return false;
    framing_ = framing::chunks;
  } else if (same_word(name, "content-length") && framing_ != framing::chunks) {
    framing_ = framing::length;
    return read_number(value, length_) && length_ <= longest_body;
  }
  return true;
}

http_reader::state http_reader::read_body() {
  if (framing_ == framing::chunks) return read_chunks();
  if (framing_ == framing::until_end) {
    body_ += bytes_;
    bytes_.clear();
    return body_.size() > longest_body ? state::broken : state::unfinished;
  }
  if (bytes_.size() < length_) return state::unfinished;
  body_ = bytes_.substr(0, length_);
  bytes_.erase(0, length_);
  return state::finished;
}

http_reader::state http_reader::read_chunks() {
  while (true) {
    const auto line = bytes_.find(line_end);
    if (line == std::string::npos)
      return bytes_.size() > longest_head ? state::broken : state::unfinished;
    const auto digits = std::string_view{bytes_}.substr(0, std::min(line, bytes_.find(';')));
    std::size_t size = 0;
    if (!read_number(trimmed(digits), size, 16) || size > longest_body ||
        body_.size() + size > longest_body)
      return state::broken;
    const auto begin = line + line_end.size();
    if (bytes_.size() < begin + size + line_end.size()) return state::unfinished;
    if (bytes_.compare(begin + size, line_end.size(), line_end) != 0) return state::broken;
    body_.append(bytes_, begin, size);
    bytes_.erase(0, begin + size + line_end.size());
    if (size == 0) return state::finished;
  }
}

} // namespace hubbub::bench
