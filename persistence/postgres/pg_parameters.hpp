#pragma once

#include "proto/ids.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Wraps raw libpq in owners and error values. Everything here belongs to the thread that uses
/// its connection.
namespace hubbub::pg {

/// Appends a number in PostgreSQL's format: the most significant byte first.
template <class Number>
void put_number(std::string& bytes, Number value) {
  for (auto shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xFFU));
}

/// Returns a text that is looked for, as an argument: NULL, which equals nothing, for one with
/// a NUL, which PostgreSQL would refuse. No text that is stored has one.
[[nodiscard]] inline std::optional<std::string_view> sought(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  return text;
}

/// The type of an array's elements, as PostgreSQL's number (OID) for it.
enum class element : std::uint32_t { bytes = 17, number = 20, text = 25 };

/// One array argument in PostgreSQL's binary form, which needs no quoting and no parsing.
class array {
 public:
  explicit array(element type) : type_(type) {}

  void add(std::int64_t value) {
    put_number(elements_, std::int32_t{8});
    put_number(elements_, value);
    ++size_;
  }
  void add(std::string_view value) {
    put_number(elements_, static_cast<std::int32_t>(value.size()));
    elements_.append(value);
    ++size_;
  }
  void add(std::span<const std::uint8_t> value) {
    add(std::string_view{reinterpret_cast<const char*>(value.data()), value.size()});
  }
  void add_null() {
    put_number(elements_, std::int32_t{-1});
    has_null_ = true;
    ++size_;
  }
  template <class Tag>
  void add(strong_number<Tag> value) {
    add(value.value);
  }
  template <class Value>
  void add(const std::optional<Value>& value) {
    if (value)
      add(*value);
    else
      add_null();
  }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Returns the whole array as an argument.
  [[nodiscard]] std::string value() const;

 private:
  element type_;
  std::int32_t size_ = 0;
  bool has_null_ = false;
  std::string elements_;
};

/// The arguments of one run of a statement, in order and in binary form.
class parameters {
 public:
  template <class... Values>
  static parameters of(const Values&... values) {
    parameters made;
    made.bytes_.reserve(64);
    (made.add(values), ...);
    return made;
  }

  void add(std::int64_t value) {
    begin();
    put_number(bytes_, value);
    end();
  }
  void add(bool value) {
    begin();
    bytes_.push_back(value ? '\1' : '\0');
    end();
  }
  void add(std::string_view value) {
    begin();
    bytes_.append(value);
    end();
  }
  void add(const std::string& value) { add(std::string_view{value}); }
  void add(const char* value) { add(std::string_view{value}); }
  void add(std::span<const std::uint8_t> value) {
    add(std::string_view{reinterpret_cast<const char*>(value.data()), value.size()});
  }
  void add(const array& value) { add(value.value()); }
  template <class Tag>
  void add(strong_number<Tag> value) {
    add(value.value);
  }
  template <class Value>
  void add(const std::optional<Value>& value) {
    if (value) return add(*value);
    parts_.push_back({0, -1});
  }

  [[nodiscard]] int size() const { return static_cast<int>(parts_.size()); }
  /// Where each argument lies and how long it is; valid until another argument is added.
  struct pointers {
    std::vector<const char*> values; ///< a null pointer for NULL
    std::vector<int> lengths;
    std::vector<int> formats;
  };
  [[nodiscard]] pointers point() const;

 private:
  struct part {
    std::size_t offset;
    std::int64_t length; ///< -1: NULL
  };
  void begin() { start_ = bytes_.size(); }
  void end() { parts_.push_back({start_, static_cast<std::int64_t>(bytes_.size() - start_)}); }

  std::string bytes_;
  std::size_t start_ = 0;
  std::vector<part> parts_;
};

} // namespace hubbub::pg
