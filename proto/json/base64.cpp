#include "proto/json/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace hubbub {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xff;

constexpr auto digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

/// Returns the six bits at `shift` as a base64 digit.
char digit(std::uint32_t group, unsigned shift) {
  return alphabet[(group >> shift) & 0x3fU];
}

/// Returns the text without its padding, which must be complete or absent; else nothing.
std::optional<std::string_view> strip_padding(std::string_view text) {
  const auto digits = text.find_last_not_of('=') + 1; // If nothing is found, npos + 1 is 0.
  const auto padding = text.size() - digits;
  if (padding > 2 || (padding > 0 && text.size() % 4 != 0)) return std::nullopt;
  return text.substr(0, digits);
}

} // namespace

void append_base64(std::string& out, std::string_view bytes) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  std::size_t at = 0;
  for (; at + 3 <= bytes.size(); at += 3) {
    const auto group =
        byte_at(bytes, at) << 16U | byte_at(bytes, at + 1) << 8U | byte_at(bytes, at + 2);
    for (const auto shift : {18U, 12U, 6U, 0U})
      out += digit(group, shift);
  }
  if (bytes.size() - at == 1) {
    const auto group = byte_at(bytes, at) << 16U;
    out += digit(group, 18);
    out += digit(group, 12);
    out += "==";
  } else if (bytes.size() - at == 2) {
    const auto group = byte_at(bytes, at) << 16U | byte_at(bytes, at + 1) << 8U;
    out += digit(group, 18);
    out += digit(group, 12);
    out += digit(group, 6);
    out += '=';
  }
}

std::optional<std::string> decode_base64(std::string_view text) {
  const auto digits = strip_padding(text);
  if (!digits || digits->size() % 4 == 1) return std::nullopt;

  std::string bytes;
  bytes.reserve(digits->size() / 4 * 3 + 2);
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const char c : *digits) {
    const auto value = digit_values[static_cast<unsigned char>(c)];
    if (value == no_digit) return std::nullopt;
    pending = pending << 6U | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(pending >> bits & 0xffU);
      pending &= (1U << bits) - 1;
    }
  }
  // Left-over bits must be zero, so that each sequence of bytes has one spelling.
  if (pending != 0) return std::nullopt;
  return bytes;
}

void append_base64url(std::string& out, std::string_view bytes) {
  std::string text;
  append_base64(text, bytes);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  text.resize(text.find_last_not_of('=') + 1);
  out += text;
}

std::optional<std::string> decode_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string other{text};
  std::ranges::replace(other, '-', '+');
  std::ranges::replace(other, '_', '/');
  return decode_base64(other);
}

} // namespace hubbub
