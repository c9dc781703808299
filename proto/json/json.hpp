#pragma once

#include "proto/expected.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Reads JSON. RapidJSON is used in json.cpp alone and does not show here.
namespace hubbub::json {

struct node;

enum class parse_error : std::uint8_t {
  malformed, ///< not exactly one JSON value, or a number too large for a double
  too_deep,  ///< nested deeper than allowed
};

/// A view of one value of a document, valid as long as the document. Cheap to copy. Reading a
/// value as a type that it does not have gives an empty result, never an error.
class value {
 public:
  value() = default; ///< an absent value: every accessor returns an empty result

  [[nodiscard]] bool exists() const { return node_ != nullptr; }
  [[nodiscard]] bool is_null() const;
  [[nodiscard]] bool is_object() const;
  [[nodiscard]] bool is_array() const;
  [[nodiscard]] bool is_string() const;
  [[nodiscard]] bool is_number() const;
  [[nodiscard]] std::optional<std::string_view> string() const;
  /// Returns a whole number that fits, however it is written: `3.0` and `3e2` are whole
  /// numbers.
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::optional<bool> boolean() const;

  /// Returns the number of elements of an array or of members of an object; 0 for anything
  /// else.
  [[nodiscard]] std::size_t size() const;
  /// Returns the n-th element of an array; absent beyond its end.
  [[nodiscard]] value at(std::size_t index) const;
  /// Returns the member of an object with this name; absent if there is none. If names repeat,
  /// which one is returned is unspecified.
  [[nodiscard]] value find(std::string_view name) const;
  /// Returns the name of the n-th member of an object.
  [[nodiscard]] std::string_view name_at(std::size_t index) const;
  [[nodiscard]] value member_at(std::size_t index) const;

  /// Appends the value as compact JSON, with numbers as they were written.
  void dump(std::string& out) const;

 private:
  friend class document;
  explicit value(const node* n) : node_(n) {}
  const node* node_ = nullptr;
};

/// A parsed text and the memory that its values live in.
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
/// are not checked: the caller should know that `text` is UTF-8. A lone surrogate (`"\ud800"`)
/// becomes three bytes that are not valid UTF-8, so that readers of text refuse it; `dump`
/// writes it as it came.
[[nodiscard]] expected<document, parse_error> parse(std::string_view text,
                                                    std::size_t max_depth);

/// Appends `text` as a JSON string with its quotes. The three bytes of a lone surrogate become
/// its escape again; other bytes from 0x20 on, including U+2028 and U+2029, stay as they are.
void append_string(std::string& out, std::string_view text);

/// Writes compact JSON into a string and adds the commas. The caller must close what it opens.
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
  /// Writes a value that is JSON text already.
  writer& raw(std::string_view json);

  /// Writes a name and its value, as `key(name).string(text)` does; most output consists of
  /// such fields.
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
