#pragma once

#include "proto/access/access.hpp"
#include "proto/chat/chat_command.hpp"
#include "proto/chat/field_reader.hpp"
#include "proto/chat/history_query.hpp"
#include "proto/limits.hpp"

#include <hubbub/requests.hpp>

#include <optional>
#include <string>

namespace hubbub {

/// Checks the fields of requests of the host's actors, by the rules for those of clients. After
/// an error, which `finish` returns, a read returns some value of its type.
class request_reader : public object_reader {
 public:
  explicit request_reader(const chat_limits& limits)
      : object_reader(json::value{}, limits), limits_(&limits) {}

  [[nodiscard]] room_ref room(const api::room_key& key);
  /// Reads a name that is not altered; required.
  [[nodiscard]] std::string id(std::string_view field, const std::string& text);
  [[nodiscard]] std::optional<std::string> optional_id(std::string_view field,
                                                       const std::string& text);
  /// Reads a user of whom at least the id or the name is given.
  [[nodiscard]] api::user user(const api::user& given);
  [[nodiscard]] std::string room_name(const std::string& text);
  [[nodiscard]] std::string content(const std::string& text);
  [[nodiscard]] std::optional<std::string> client_id(const std::string& text);
  [[nodiscard]] std::string reason(const std::string& text);
  [[nodiscard]] standing_kind kind(const std::string& text);
  [[nodiscard]] std::int64_t number(std::string_view field, std::int64_t value,
                                    std::int64_t lowest, std::int64_t highest);
  [[nodiscard]] history_query page(const api::history& request);
  [[nodiscard]] search_terms terms(const api::search& request);

 private:
  const chat_limits* limits_;
};

} // namespace hubbub
