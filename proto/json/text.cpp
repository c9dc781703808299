#include "proto/json/text.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace hubbub {
namespace {

constexpr std::uint8_t octet_at(std::string_view bytes, std::size_t index) {
  return static_cast<std::uint8_t>(bytes[index]);
}

constexpr bool is_continuation(std::uint8_t byte) {
  return (byte & 0xc0U) == 0x80U;
}

/// Returns how many bytes from `at` on are ASCII. It tests eight at a time, since most text is
/// ASCII.
std::size_t skip_ascii(std::string_view bytes, std::size_t at) {
  while (bytes.size() - at >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    if ((word & 0x8080808080808080U) != 0) break;
    at += sizeof word;
  }
  while (at < bytes.size() && octet_at(bytes, at) < 0x80U)
    ++at;
  return at;
}

/// Returns the length of the well-formed multi-byte sequence at `at`, 0 if there is none. It
/// follows table 3-7 of the Unicode Standard, in which only the range of the second byte
/// depends on the first.
std::size_t sequence_length(std::string_view bytes, std::size_t at) {
  const auto lead = octet_at(bytes, at);
  std::size_t length = 0;
  if (lead >= 0xc2U && lead <= 0xdfU)
    length = 2;
  else if ((lead & 0xf0U) == 0xe0U)
    length = 3;
  else if (lead >= 0xf0U && lead <= 0xf4U)
    length = 4;
  if (length == 0 || bytes.size() - at < length) return 0;

  const auto second = octet_at(bytes, at + 1);
  const std::uint8_t lowest = lead == 0xe0U ? 0xa0U : lead == 0xf0U ? 0x90U : 0x80U;
  const std::uint8_t highest = lead == 0xedU ? 0x9fU : lead == 0xf4U ? 0x8fU : 0xbfU;
  if (second < lowest || second > highest) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if (!is_continuation(octet_at(bytes, at + i))) return 0;
  return length;
}

std::string_view last_character(std::string_view utf8) {
  std::size_t at = utf8.size() - 1;
  while (at > 0 && is_continuation(octet_at(utf8, at)))
    --at;
  return utf8.substr(at);
}

/// True if the code point has the property White_Space.
bool is_white_space(std::uint32_t point) {
  switch (point) {
  case 0x20:
  case 0x85:
  case 0xa0:
  case 0x1680:
  case 0x2028:
  case 0x2029:
  case 0x202f:
  case 0x205f:
  case 0x3000: return true;
  default: return (point >= 0x9 && point <= 0xd) || (point >= 0x2000 && point <= 0x200a);
  }
}

unexpected<error> refuse(error_code code, std::string_view field, std::string_view what) {
  return unexpected(error{code, std::string{field}.append(what)});
}

/// Appends `number` as `width` digits.
void append_digits(std::string& out, unsigned number, std::size_t width) {
  out.append(width, '0');
  for (auto at = out.rbegin(); number != 0; ++at, number /= 10)
    *at = static_cast<char>('0' + number % 10);
}

/// Reads a text that is made of digits and separators.
class digit_reader {
 public:
  explicit digit_reader(std::string_view text) : rest_(text) {}

  /// Reads this many digits and then one of the characters of `ends`, if there are any.
  int number(std::size_t digits, std::string_view ends) {
    int value = 0;
    for (; digits > 0; --digits)
      value = value * 10 + digit();
    if (!ends.empty() && ends.find(next()) == std::string_view::npos) failed_ = true;
    return value;
  }
  /// Reads `.123` in milliseconds; a missing fraction is zero.
  int fraction() {
    if (!rest_.starts_with('.')) return 0;
    next();
    const auto digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    const auto whole = std::string{rest_.substr(0, digits)} + "00";
    rest_.remove_prefix(digits);
    if (digits == 0) failed_ = true;
    return failed_ ? 0 : digit_reader{whole}.number(3, {});
  }
  /// Reads `Z` or `+01:30`, in minutes.
  int offset() {
    const char sign = next();
    if (sign == 'Z' || sign == 'z') return 0;
    if (sign != '+' && sign != '-') failed_ = true;
    const int hours = number(2, ":");
    const int minutes = number(2, {});
    if (hours > 23 || minutes > 59) failed_ = true;
    return (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
  }
  /// True if nothing was missing and nothing is left.
  [[nodiscard]] bool done() const { return !failed_ && rest_.empty(); }

 private:
  char next() {
    if (rest_.empty()) {
      failed_ = true;
      return '\0';
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  int digit() {
    const char c = next();
    if (c < '0' || c > '9') failed_ = true;
    return c - '0';
  }

  std::string_view rest_;
  bool failed_ = false;
};

} // namespace

bool valid_utf8(std::string_view bytes) {
  for (auto at = skip_ascii(bytes, 0); at < bytes.size();) {
    const auto length = sequence_length(bytes, at);
    if (length == 0) return false;
    at += length;
    if (at < bytes.size() && octet_at(bytes, at) < 0x80U) at = skip_ascii(bytes, at);
  }
  return true;
}

utf8_character read_character(std::string_view bytes) {
  const std::uint32_t lead = octet_at(bytes, 0);
  if (lead < 0x80U) return {lead, 1};
  const auto length = sequence_length(bytes, 0);
  if (length == 0) return {};
  auto point = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i)
    point = point << 6U | (octet_at(bytes, i) & 0x3fU);
  return {point, length};
}

std::string_view without_bom(std::string_view utf8) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  return utf8.starts_with(mark) ? utf8.substr(mark.size()) : utf8;
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char byte) {
    return !is_continuation(static_cast<std::uint8_t>(byte));
  }));
}

std::string_view trim(std::string_view utf8) {
  while (!utf8.empty()) {
    const auto first = read_character(utf8);
    if (!is_white_space(first.point)) break;
    utf8.remove_prefix(first.length);
  }
  while (!utf8.empty() && is_white_space(read_character(last_character(utf8)).point))
    utf8.remove_suffix(last_character(utf8).size());
  return utf8;
}

bool has_control(std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = octet_at(utf8, i);
    if (byte < 0x20U || byte == 0x7fU) return true;
    // U+0080–009F are encoded as 0xC2 and a byte below 0xA0.
    if (byte == 0xc2U && i + 1 < utf8.size() && octet_at(utf8, i + 1) < 0xa0U) return true;
  }
  return false;
}

expected<std::string, error> clean_name(std::string_view raw, std::size_t max,
                                        std::string_view field) {
  using enum error_code;
  if (!valid_utf8(raw)) return refuse(bad_request, field, " must be valid UTF-8");
  const auto name = trim(raw);
  if (name.empty() || count_characters(name) > max)
    return refuse(bad_request, field, " must have 1 to " + std::to_string(max) + " characters");
  if (has_control(name)) return refuse(bad_request, field, " must not hold control characters");
  return std::string{name};
}

expected<std::string, error> exact_name(std::string_view raw, std::size_t max,
                                        std::string_view field) {
  auto name = clean_name(raw, max, field);
  if (name && *name != raw)
    return refuse(error_code::bad_request, field, " must not begin or end with white space");
  return name;
}

expected<std::string, error> clean_content(std::string_view raw, std::size_t max) {
  using enum error_code;
  if (!valid_utf8(raw)) return refuse(bad_request, "content", " must be valid UTF-8");
  const auto content = trim(raw);
  if (content.empty()) return refuse(bad_request, "content", " must not be empty");
  if (count_characters(content) > max)
    return refuse(too_large, "content",
                  " must have at most " + std::to_string(max) + " characters");
  if (content.find('\0') != std::string_view::npos)
    return refuse(bad_request, "content", " must not hold NUL");
  return std::string{content};
}

std::string to_rfc3339(timestamp time) {
  namespace chrono = std::chrono;
  // RFC 3339 covers only the years 0000 to 9999.
  constexpr std::int64_t first = -62'167'219'200'000;
  constexpr std::int64_t last = 253'402'300'799'999;
  const auto point = chrono::sys_time<chrono::milliseconds>{
      chrono::milliseconds{std::clamp(time.value, first, last)}};
  const auto day = chrono::floor<chrono::days>(point);
  const chrono::year_month_day date{day};
  const auto in_day = static_cast<unsigned>((point - day).count());

  std::string out;
  out.reserve(sizeof "2026-01-31T23:59:59.123Z");
  const auto append = [&out](unsigned number, std::size_t width, char behind) {
    append_digits(out, number, width);
    out += behind;
  };
  append(static_cast<unsigned>(static_cast<int>(date.year())), 4, '-');
  append(static_cast<unsigned>(date.month()), 2, '-');
  append(static_cast<unsigned>(date.day()), 2, 'T');
  append(in_day / 3'600'000, 2, ':');
  append(in_day / 60'000 % 60, 2, ':');
  append(in_day / 1'000 % 60, 2, '.');
  append(in_day % 1'000, 3, 'Z');
  return out;
}

std::optional<timestamp> parse_rfc3339(std::string_view text) {
  namespace chrono = std::chrono;
  digit_reader read{text};
  const auto year = read.number(4, "-");
  const auto month = read.number(2, "-");
  const auto day = read.number(2, "Tt");
  const auto hours = read.number(2, ":");
  const auto minutes = read.number(2, ":");
  const auto seconds = read.number(2, {});
  const auto milliseconds = read.fraction();
  const auto offset = read.offset();
  const auto date = chrono::year{year} / chrono::month{static_cast<unsigned>(month)} /
                    chrono::day{static_cast<unsigned>(day)};
  // A leap second counts as the second after it.
  if (!read.done() || !date.ok() || hours > 23 || minutes > 59 || seconds > 60)
    return std::nullopt;
  const auto days = chrono::sys_days{date}.time_since_epoch().count();
  const std::int64_t in_day = ((hours * 60 + minutes - offset) * 60 + seconds) * 1'000;
  return timestamp{std::int64_t{days} * 86'400'000 + in_day + milliseconds};
}

} // namespace hubbub
