#include "proto/json/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace hubbub::json {

namespace {

constexpr unsigned char surrogate_lead = 0xed; ///< also the lead byte of U+D000 to U+D7FF

constexpr auto needs_care = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c)
    table[c] = true;
  table['"'] = table['\\'] = table[surrogate_lead] = true;
  return table;
}();

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

void append_unicode_escape(std::string& out, unsigned unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U})
    out += digits[(unit >> shift) & 0xfU];
}

void append_control(std::string& out, char c) {
  switch (c) {
  case '"': out += "\\\""; break;
  case '\\': out += "\\\\"; break;
  case '\b': out += "\\b"; break;
  case '\f': out += "\\f"; break;
  case '\n': out += "\\n"; break;
  case '\r': out += "\\r"; break;
  case '\t': out += "\\t"; break;
  default: append_unicode_escape(out, static_cast<unsigned char>(c)); break;
  }
}

} // namespace

void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0; // the start of the run that needs no escape
  for (std::size_t at = 0; at < text.size();) {
    if (!needs_care[static_cast<unsigned char>(text[at])]) {
      ++at;
      continue;
    }
    if (byte_at(text, at) == surrogate_lead) {
      const auto second = byte_at(text, at + 1);
      const auto third = byte_at(text, at + 2);
      if (second < 0xa0U || second > 0xbfU || (third & 0xc0U) != 0x80U) {
        ++at;
        continue;
      }
      out += text.substr(plain, at - plain);
      append_unicode_escape(out, 0xd000U | ((second & 0x3fU) << 6U) | (third & 0x3fU));
      at += 3;
    } else {
      out += text.substr(plain, at - plain);
      append_control(out, text[at]);
      ++at;
    }
    plain = at;
  }
  out += text.substr(plain);
  out += '"';
}

writer& writer::begin_object() {
  separate();
  *out_ += '{';
  comma_ = false;
  return *this;
}

writer& writer::end_object() {
  *out_ += '}';
  comma_ = true;
  return *this;
}

writer& writer::begin_array() {
  separate();
  *out_ += '[';
  comma_ = false;
  return *this;
}

writer& writer::end_array() {
  *out_ += ']';
  comma_ = true;
  return *this;
}

writer& writer::key(std::string_view name) {
  // Put together first, and so appended once: most of what is written are keys.
  std::array<char, 32> piece;      // NOLINT(*-member-init): only what is used is set
  constexpr std::size_t marks = 4; // a comma, two quotes and a colon
  if (name.size() > piece.size() - marks) {
    separate();
    out_->append("\"").append(name).append("\":");
  } else {
    auto* at = piece.data();
    if (comma_) *at++ = ',';
    *at++ = '"';
    at = std::copy(name.begin(), name.end(), at);
    *at++ = '"';
    *at++ = ':';
    out_->append(piece.data(), at);
  }
  comma_ = false;
  return *this;
}

writer& writer::string(std::string_view text) {
  separate();
  append_string(*out_, text);
  comma_ = true;
  return *this;
}

writer& writer::integer(std::int64_t number) {
  std::array<char, 20> digits; // as long as "-9223372036854775808"
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return raw({digits.data(), end});
}

writer& writer::boolean(bool truth) {
  return raw(truth ? "true" : "false");
}

writer& writer::null() {
  return raw("null");
}

writer& writer::raw(std::string_view json) {
  separate();
  *out_ += json;
  comma_ = true;
  return *this;
}

void writer::separate() {
  if (comma_) *out_ += ',';
}

} // namespace hubbub::json
