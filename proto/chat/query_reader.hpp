#pragma once

#include "proto/chat/api_body.hpp"
#include "proto/chat/field_reader.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// Reads query parameters, as `object_reader` reads fields.
class query_reader : public field_reader {
 public:
  explicit query_reader(const query_params& params) : params_(&params) {}

  [[nodiscard]] std::int64_t number(std::string_view name, number_range range,
                                    std::int64_t otherwise);
  [[nodiscard]] std::optional<sequence> seq(std::string_view name);
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view name);
  [[nodiscard]] std::optional<timestamp> time(std::string_view name);
  /// Reads a `username`, or with `by_id` a `user_id`, which then wins over it; required.
  [[nodiscard]] std::string author(const chat_limits& limits, bool by_id);

 private:
  /// Returns the parameter's value. Returns null if it is absent, and also if it cannot be
  /// decoded, which refuses the query.
  [[nodiscard]] const std::string* find(std::string_view name);

  const query_params* params_;
};

} // namespace hubbub
