#include "proto/json/json.hpp"

#include "proto/json/whole_number.hpp"

#include <rapidjson/error/error.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <memory_resource>
#include <utility>
#include <vector>

namespace hubbub::json {

/// One value of a tree. It is our own type, not RapidJSON's, so that numbers keep their
/// spelling and can be passed on unchanged.
struct node {
  enum class kind : std::uint8_t {
    null,
    boolean_false,
    boolean_true,
    number,
    string,
    array,
    object
  };

  kind type = kind::null;
  std::uint32_t size = 0; ///< bytes of text, or the number of elements or members
  union {
    const char* text = nullptr; ///< the text of a string or number
    const node* first; ///< the elements, or the members as name, value, name, value …
  };

  [[nodiscard]] std::string_view view() const { return {text, size}; }
};

namespace {

using kind = node::kind;

/// Builds the tree from the parser's events, and stops the parser where the text nests too
/// deep. The parser enters an array or object only after asking here, so this bounds its
/// recursion as well.
class tree_builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, tree_builder> {
 public:
  tree_builder(std::pmr::memory_resource& memory, std::size_t max_depth)
      : memory_(&memory), levels_left_(max_depth) {
    open_.reserve(64);
  }

  [[nodiscard]] bool too_deep() const { return too_deep_; }
  [[nodiscard]] node root() const { return open_.front(); }

  bool Null() { return add(kind::null); }
  bool Bool(bool truth) { return add(truth ? kind::boolean_true : kind::boolean_false); }
  bool RawNumber(const char* text, unsigned size, bool) {
    return add(kind::number, size, text);
  }
  bool String(const char* text, unsigned size, bool) { return add(kind::string, size, text); }
  bool Key(const char* text, unsigned size, bool) { return add(kind::string, size, text); }
  bool StartObject() { return enter(kind::object); }
  bool EndObject(unsigned members) { return leave(members, std::size_t{2} * members); }
  bool StartArray() { return enter(kind::array); }
  bool EndArray(unsigned elements) { return leave(elements, elements); }

 private:
  bool add(kind type, std::uint32_t size = 0, const char* text = nullptr) {
    open_.push_back({type, size, {text}});
    return true;
  }

  bool enter(kind type) {
    too_deep_ = levels_left_ == 0;
    if (too_deep_) return false;
    --levels_left_;
    return add(type);
  }

  /// Moves the latest `nodes` into the array or object that precedes them.
  bool leave(std::uint32_t size, std::size_t nodes) {
    ++levels_left_;
    const auto begin = open_.end() - static_cast<std::ptrdiff_t>(nodes);
    auto* const kept =
        static_cast<node*>(memory_->allocate(nodes * sizeof(node), alignof(node)));
    std::uninitialized_copy(begin, open_.end(), kept);
    open_.erase(begin, open_.end());
    open_.back().size = size;
    open_.back().first = kept;
    return true;
  }

  std::pmr::memory_resource* memory_;
  std::vector<node>
      open_; ///< arrays and objects being read, each followed by its children so far
  std::size_t levels_left_;
  bool too_deep_ = false;
};

/// Returns the value of the `\uXXXX` that starts at `at`, if there is one.
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

/// Returns `text` with every lone surrogate escape replaced by its three bytes of generalized
/// UTF-8. A backslash outside a string is malformed before and after this.
std::string unescape_lone_surrogates(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      out += text[at++];
      continue;
    }
    std::size_t length = 2; // a backslash and the character that it escapes
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

void dump_node(const node& n, std::string& out);

void dump_array(const node& array, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < array.size; ++i) {
    if (i != 0) out += ',';
    dump_node(array.first[i], out);
  }
  out += ']';
}

void dump_object(const node& object, std::string& out) {
  out += '{';
  for (std::size_t i = 0; i < object.size; ++i) {
    if (i != 0) out += ',';
    append_string(out, object.first[2 * i].view());
    out += ':';
    dump_node(object.first[2 * i + 1], out);
  }
  out += '}';
}

void dump_node(const node& n, std::string& out) {
  switch (n.type) {
  case kind::null: out += "null"; break;
  case kind::boolean_false: out += "false"; break;
  case kind::boolean_true: out += "true"; break;
  case kind::number: out += n.view(); break;
  case kind::string: append_string(out, n.view()); break;
  case kind::array: dump_array(n, out); break;
  case kind::object: dump_object(n, out); break;
  }
}

bool is(const node* n, kind type) {
  return n && n->type == type;
}

} // namespace

bool value::is_null() const {
  return is(node_, kind::null);
}
bool value::is_object() const {
  return is(node_, kind::object);
}
bool value::is_array() const {
  return is(node_, kind::array);
}
bool value::is_string() const {
  return is(node_, kind::string);
}
bool value::is_number() const {
  return is(node_, kind::number);
}

std::optional<std::string_view> value::string() const {
  if (!is_string()) return {};
  return node_->view();
}

std::optional<std::int64_t> value::integer() const {
  if (!is_number()) return {};
  return parse_integral(node_->view());
}

std::optional<bool> value::boolean() const {
  if (is(node_, kind::boolean_true)) return true;
  if (is(node_, kind::boolean_false)) return false;
  return {};
}

std::size_t value::size() const {
  return is_array() || is_object() ? node_->size : 0;
}

value value::at(std::size_t index) const {
  if (!is_array() || index >= node_->size) return {};
  return value{node_->first + index};
}

value value::find(std::string_view name) const {
  if (!is_object()) return {};
  for (std::size_t i = 0; i < node_->size; ++i) {
    if (name_at(i) == name) return member_at(i);
  }
  return {};
}

std::string_view value::name_at(std::size_t index) const {
  if (!is_object() || index >= node_->size) return {};
  return node_->first[2 * index].view();
}

value value::member_at(std::size_t index) const {
  if (!is_object() || index >= node_->size) return {};
  return value{node_->first + 2 * index + 1};
}

void value::dump(std::string& out) const {
  if (node_) dump_node(*node_, out);
}

/// The memory of a document. The text is parsed in place: strings of the tree point into the
/// copy at the start of the memory.
struct document::tree {
  /// Bytes for the nodes of an ordinary event, after the text in the same allocation.
  static constexpr std::size_t node_room = 1024;

  explicit tree(std::string_view text)
      : memory(text.size() + 1 + node_room),
        source(static_cast<char*>(memory.allocate(text.size() + 1, 1))) {
    std::copy(text.begin(), text.end(), source);
    source[text.size()] = '\0';
  }

  std::pmr::monotonic_buffer_resource memory;
  char* source;
  node root;
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

  // Bytes in strings are taken as they are: the transport checks whether they are UTF-8, and
  // the three bytes of a lone surrogate must pass.
  constexpr unsigned flags =
      rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
  tree_builder builder{parsed.tree_->memory, max_depth};
  rapidjson::InsituStringStream stream{parsed.tree_->source};
  rapidjson::Reader reader;
  const auto result = reader.Parse<flags>(stream, builder);

  if (builder.too_deep()) return unexpected(parse_error::too_deep);
  if (result.Code() == rapidjson::kParseErrorStringUnicodeSurrogateInvalid) {
    const auto rewritten = unescape_lone_surrogates(text);
    if (rewritten != text) // without this check a second attempt would end here again
      return parse(rewritten, max_depth);
  }
  // The stream ends at a NUL byte. If that comes before the end of the text, the text is not
  // JSON.
  if (result.IsError() || stream.Tell() != text.size())
    return unexpected(parse_error::malformed);
  parsed.tree_->root = builder.root();
  return parsed;
}

} // namespace hubbub::json
