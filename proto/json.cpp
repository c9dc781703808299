#include "proto/json.hpp"

#include <rapidjson/document.h>
#include <rapidjson/error/error.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

namespace hubbub::json {

namespace {

using rapidjson::SizeType;
using pool = rapidjson::MemoryPoolAllocator<>;

const rapidjson::Value& node_of(const void* node) {
  return *static_cast<const rapidjson::Value*>(node);
}

std::string_view view_of(const rapidjson::Value& text) {
  return {text.GetString(), text.GetStringLength()};
}

/// Builds the tree and stops where the text nests too deep, which bounds the parser's recursion
/// as well: it enters an array or object only after asking here.
class bounded_document : public rapidjson::Document {
 public:
  bounded_document(pool* allocator, std::size_t max_depth)
      : rapidjson::Document(allocator), left_(max_depth) {}

  [[nodiscard]] bool too_deep() const { return too_deep_; }

  bool StartObject() { return enter() && rapidjson::Document::StartObject(); }
  bool EndObject(SizeType members) {
    ++left_;
    return rapidjson::Document::EndObject(members);
  }
  bool StartArray() { return enter() && rapidjson::Document::StartArray(); }
  bool EndArray(SizeType elements) {
    ++left_;
    return rapidjson::Document::EndArray(elements);
  }

 private:
  bool enter() {
    too_deep_ = left_ == 0;
    if (!too_deep_) --left_;
    return !too_deep_;
  }

  std::size_t left_;
  bool too_deep_ = false;
};

/// The four hexadecimal digits of a `\uXXXX` that starts at `at`, if there is one.
std::optional<unsigned> unicode_escape(std::string_view text, std::size_t at) {
  const auto digits = text.substr(std::min(at, text.size()), 6);
  if (digits.size() < 6 || digits[0] != '\\' || digits[1] != 'u') return {};
  unsigned unit = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data() + 2, end, unit, 16);
  if (error != std::errc{} || stop != end) return {};
  return unit;
}

bool is_high_surrogate(unsigned unit) {
  return (unit & 0xfc00U) == 0xd800U;
}
bool is_low_surrogate(unsigned unit) {
  return (unit & 0xfc00U) == 0xdc00U;
}

/// `text` with every lone surrogate escape replaced by its three bytes of generalized UTF-8. A
/// backslash outside a string is malformed before and after.
std::string unescape_lone_surrogates(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      out += text[at++];
      continue;
    }
    std::size_t length = 2; // a backslash and what it escapes
    if (const auto unit = unicode_escape(text, at)) {
      length = 6;
      const auto next = unicode_escape(text, at + length);
      if (is_high_surrogate(*unit) && next && is_low_surrogate(*next)) {
        length = 12;
      } else if (is_high_surrogate(*unit) || is_low_surrogate(*unit)) {
        out += '\xed';
        out += static_cast<char>(0x80U | ((*unit >> 6U) & 0x3fU));
        out += static_cast<char>(0x80U | (*unit & 0x3fU));
        at += length;
        continue;
      }
    }
    out += text.substr(at, length);
    at += length;
  }
  return out;
}

void dump_node(const rapidjson::Value& node, std::string& out);

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void dump_number(const rapidjson::Value& node, std::string& out) {
  if (node.IsInt64())
    append_number(out, node.GetInt64());
  else if (node.IsUint64())
    append_number(out, node.GetUint64());
  else
    append_number(out, node.GetDouble());
}

void dump_array(const rapidjson::Value& node, std::string& out) {
  out += '[';
  for (SizeType i = 0; i < node.Size(); ++i) {
    if (i != 0) out += ',';
    dump_node(node[i], out);
  }
  out += ']';
}

void dump_object(const rapidjson::Value& node, std::string& out) {
  out += '{';
  const auto members = node.MemberBegin();
  for (SizeType i = 0; i < node.MemberCount(); ++i) {
    if (i != 0) out += ',';
    append_string(out, view_of(members[i].name));
    out += ':';
    dump_node(members[i].value, out);
  }
  out += '}';
}

void dump_node(const rapidjson::Value& node, std::string& out) {
  switch (node.GetType()) {
  case rapidjson::kNullType: out += "null"; break;
  case rapidjson::kFalseType: out += "false"; break;
  case rapidjson::kTrueType: out += "true"; break;
  case rapidjson::kObjectType: dump_object(node, out); break;
  case rapidjson::kArrayType: dump_array(node, out); break;
  case rapidjson::kStringType: append_string(out, view_of(node)); break;
  case rapidjson::kNumberType: dump_number(node, out); break;
  }
}

} // namespace

bool value::is_null() const {
  return node_ && node_of(node_).IsNull();
}
bool value::is_object() const {
  return node_ && node_of(node_).IsObject();
}
bool value::is_array() const {
  return node_ && node_of(node_).IsArray();
}
bool value::is_string() const {
  return node_ && node_of(node_).IsString();
}
bool value::is_number() const {
  return node_ && node_of(node_).IsNumber();
}

std::optional<std::string_view> value::string() const {
  if (!is_string()) return {};
  return view_of(node_of(node_));
}

std::optional<std::int64_t> value::integer() const {
  if (!is_number() || !node_of(node_).IsInt64()) return {};
  return node_of(node_).GetInt64();
}

std::optional<bool> value::boolean() const {
  if (!node_ || !node_of(node_).IsBool()) return {};
  return node_of(node_).GetBool();
}

std::size_t value::size() const {
  if (is_array()) return node_of(node_).Size();
  return is_object() ? node_of(node_).MemberCount() : 0;
}

value value::at(std::size_t index) const {
  if (!is_array() || index >= size()) return {};
  return value{&node_of(node_)[static_cast<SizeType>(index)]};
}

value value::find(std::string_view name) const {
  if (!is_object()) return {};
  for (std::size_t i = 0; i < size(); ++i) {
    if (name_at(i) == name) return member_at(i);
  }
  return {};
}

std::string_view value::name_at(std::size_t index) const {
  if (!is_object() || index >= size()) return {};
  return view_of(node_of(node_).MemberBegin()[static_cast<std::ptrdiff_t>(index)].name);
}

value value::member_at(std::size_t index) const {
  if (!is_object() || index >= size()) return {};
  return value{&node_of(node_).MemberBegin()[static_cast<std::ptrdiff_t>(index)].value};
}

void value::dump(std::string& out) const {
  if (node_) dump_node(node_of(node_), out);
}

/// The text is parsed in place: strings of the tree point into the copy at the pool's start.
struct document::tree {
  /// Room for the nodes of an ordinary event in the pool's first chunk.
  static constexpr std::size_t node_room = 1024;

  explicit tree(std::string_view text) : memory(text.size() + 1 + node_room) {
    source = static_cast<char*>(memory.Malloc(text.size() + 1));
    std::memcpy(source, text.data(), text.size());
    source[text.size()] = '\0';
  }

  pool memory;
  char* source;
  rapidjson::Value root;
};

document::document() = default;
document::document(document&&) noexcept = default;
document& document::operator=(document&&) noexcept = default;
document::~document() = default;

value document::root() const {
  return tree_ ? value{&tree_->root} : value{};
}

expected<document, parse_error> parse(std::string_view text, std::size_t max_depth) {
  document parsed;
  parsed.tree_ = std::make_unique<document::tree>(text);

  bounded_document builder{&parsed.tree_->memory, max_depth};
  rapidjson::InsituStringStream stream{parsed.tree_->source};
  rapidjson::Reader reader;
  // Bytes in strings are taken as they are: whether they are UTF-8 is the transport's question,
  // and the three bytes of a lone surrogate must pass.
  constexpr unsigned flags = rapidjson::kParseInsituFlag | rapidjson::kParseFullPrecisionFlag;
  const auto read = [&](auto&) { return !reader.Parse<flags>(stream, builder).IsError(); };
  builder.Populate(read);

  if (builder.too_deep()) return unexpected(parse_error::too_deep);
  if (reader.GetParseErrorCode() == rapidjson::kParseErrorStringUnicodeSurrogateInvalid) {
    const auto rewritten = unescape_lone_surrogates(text);
    if (rewritten != text) // else a second attempt would end here again
      return parse(rewritten, max_depth);
  }
  // The stream ends at a NUL byte: one before the text's end is not JSON.
  if (reader.HasParseError() || stream.Tell() != text.size())
    return unexpected(parse_error::malformed);
  parsed.tree_->root.Swap(builder);
  return parsed;
}

} // namespace hubbub::json
