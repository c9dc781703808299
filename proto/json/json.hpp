#pragma once

#include "proto/expected.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// JSON as the rest of the project sees it. RapidJSON stays in json.cpp.
namespace hubbub::json {

struct node;

enum class parse_error : std::uint8_t {
  malformed, ///< not one JSON value, or a number too large for a double
  too_deep,  ///< nested deeper than allowed
};

/// A view of one value of a document; valid as long as the document. Cheap to copy. Reading a
/// value as what it is not gives an empty result, never an error.
class value {
 public:
  value() = default; ///< absent: everything it is asked is empty

  [[nodiscard]] bool exists() const { return node_ != nullptr; }
  [[nodiscard]] bool is_null() const;
  [[nodiscard]] bool is_object() const;
  [[nodiscard]] bool is_array() const;
  [[nodiscard]] bool is_string() const;
  [[nodiscard]] bool is_number() const;
  [[nodiscard]] std::optional<std::string_view> string() const;
  /// A whole number that fits, however it is written: `3.0` and `3e2` are ones.
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::optional<bool> boolean() const;

  /// Elements of an array or members of an object; 0 for anything else.
  [[nodiscard]] std::size_t size() const;
  /// The n-th element of an array; absent beyond its end.
  [[nodiscard]] value at(std::size_t index) const;
  /// The member of an object with this name; absent if there is none. The last of repeated
  /// names need not win.
  [[nodiscard]] value find(std::string_view name) const;
  /// The n-th member's name and value.
  [[nodiscard]] std::string_view name_at(std::size_t index) const;
  [[nodiscard]] value member_at(std::size_t index) const;

  /// Appends the value as compact JSON; numbers as they were written.
  void dump(std::string& out) const;

 private:
  friend class document;
  explicit value(const node* n) : node_(n) {}
  const node* node_ = nullptr;
};

/// A parsed text and the memory it lives in.
class document {
 public:
  document();
  document(document&&) noexcept;
  document& operator=(document&&) noexcept;
  ~document();

  [[nodiscard]] value root() const;

 private:
  friend expected<document, parse_error> parse(std::string_view, std::size_t);
  struct tree;
  std::unique_ptr<tree> tree_;
};

/// Parses one JSON value (RFC 8259) with nothing but white space around it. Arrays and objects
/// may nest `max_depth` deep; parsing and `dump` recurse as deep as that. Bytes within strings
/// are taken as they are: `text` should be known to be UTF-8. A lone surrogate (`"\ud800"`) is
/// let through as three bytes that are not valid UTF-8, so that whoever takes text refuses it;
/// `dump` writes it as it came.
[[nodiscard]] expected<document, parse_error> parse(std::string_view text,
                                                    std::size_t max_depth);

/// Appends `text` as a JSON string with its quotes. The three bytes of a lone surrogate become
/// its escape again; other bytes from 0x20 on, U+2028 and U+2029 too, stay as they are.
void append_string(std::string& out, std::string_view text);

/// Writes compact JSON into a string, adding the commas. It trusts its caller to close what was
/// opened.
class writer {
 public:
  explicit writer(std::string& out) : out_(&out) {}

  writer& begin_object();
  writer& end_object();
  writer& begin_array();
  writer& end_array();
  writer& key(std::string_view name); ///< `name` must need no escaping
  writer& string(std::string_view text);
  writer& integer(std::int64_t number);
  writer& boolean(bool truth);
  writer& null();
  /// JSON text made before.
  writer& raw(std::string_view json);

  /// `key(name).string(text)` and its likes: most of what is written are fields.
  writer& field(std::string_view name, std::string_view text) { return key(name).string(text); }
  writer& field(std::string_view name, const char* text) { return key(name).string(text); }
  writer& field(std::string_view name, std::int64_t number) {
    return key(name).integer(number);
  }
  writer& field(std::string_view name, bool truth) { return key(name).boolean(truth); }

 private:
  void separate();
  std::string* out_;
  bool comma_ = false;
};

} // namespace hubbub::json
