#include "proto/chat/standing_json.hpp"

#include "proto/json/text.hpp"

namespace hubbub {

std::optional<standing_kind> parse_standing_kind(std::string_view name) {
  for (const auto kind : all_standing_kinds)
    if (to_string(kind) == name) return kind;
  return std::nullopt;
}

void write_standing(json::writer& out, const standing& each) {
  out.begin_object()
      .field("kind", to_string(each.kind))
      .field("user_id", each.user_id)
      .field("by", each.by)
      .field("at", to_rfc3339(each.at));
  out.key("until");
  if (each.until)
    out.string(to_rfc3339(*each.until));
  else
    out.null();
  out.key("reason");
  if (each.reason.empty())
    out.null();
  else
    out.string(each.reason);
  out.end_object();
}

std::string standing_json(const standing& each) {
  std::string text;
  json::writer out{text};
  write_standing(out, each);
  return text;
}

void write_standing_page(json::writer& out, std::span<const standing> page,
                         std::string_view next) {
  out.key("standings").begin_array();
  for (const auto& each : page)
    write_standing(out, each);
  out.end_array().key("next");
  if (next.empty())
    out.null();
  else
    out.string(next);
}

} // namespace hubbub
