#include "net/embed/error_category.hpp"

#include <caf/atom.hpp>
#include <caf/message.hpp>

#include <utility>

namespace hubbub {
namespace {

constexpr auto error_atom = caf::atom("hubbub");

std::string text_in(const caf::message& context) {
  return context.size() == 1 && context.match_element<std::string>(0)
             ? context.get_as<std::string>(0)
             : std::string{};
}

std::string render(std::uint8_t code, caf::atom_value, const caf::message& context) {
  const auto text = text_in(context);
  return to_string(static_cast<errc>(code)) + (text.empty() ? "" : ": ") + text;
}

} // namespace

void add_error_category(caf::actor_system_config& config) {
  config.add_error_category(error_atom, render);
}

std::string to_string(errc code) {
  switch (code) {
  case errc::bad_request: return "bad_request";
  case errc::unauthorized: return "unauthorized";
  case errc::forbidden: return "forbidden";
  case errc::not_found: return "not_found";
  case errc::already_exists: return "already_exists";
  case errc::not_a_member: return "not_a_member";
  case errc::limit_exceeded: return "limit_exceeded";
  case errc::too_large: return "too_large";
  case errc::rate_limited: return "rate_limited";
  case errc::overloaded: return "overloaded";
  case errc::storage_full: return "storage_full";
  case errc::storage_error: return "storage_error";
  case errc::late: return "late";
  case errc::unreachable: return "unreachable";
  case errc::stopping: return "stopping";
  case errc::bad_config: return "bad_config";
  case errc::cannot_start: return "cannot_start";
  case errc::other_version: return "other_version";
  }
  return "unknown"; // from a newer node
}

caf::error make_error(errc code, std::string text) {
  return {static_cast<std::uint8_t>(code), error_atom, caf::make_message(std::move(text))};
}

caf::error make_error(errc code) {
  return {static_cast<std::uint8_t>(code), error_atom};
}

std::optional<errc> code_of(const caf::error& why) {
  if (!why || why.category() != error_atom) return std::nullopt;
  return static_cast<errc>(why.code());
}

std::string text_of(const caf::error& why) {
  return code_of(why) ? text_in(why.context()) : std::string{};
}

errc to_errc(error_code code) {
  switch (code) {
  case error_code::bad_request:
  case error_code::unknown_event:
  case error_code::method_not_allowed:
  case error_code::unsupported_media_type: return errc::bad_request;
  case error_code::unauthorized: return errc::unauthorized;
  case error_code::forbidden: return errc::forbidden;
  case error_code::not_found: return errc::not_found;
  case error_code::already_exists: return errc::already_exists;
  case error_code::not_a_member: return errc::not_a_member;
  case error_code::limit_exceeded: return errc::limit_exceeded;
  case error_code::too_large: return errc::too_large;
  case error_code::rate_limited: return errc::rate_limited;
  case error_code::overloaded: return errc::overloaded;
  case error_code::storage_full: return errc::storage_full;
  case error_code::storage_error: break;
  }
  return errc::storage_error;
}

error_code to_error_code(errc code) {
  switch (code) {
  case errc::bad_request: return error_code::bad_request;
  case errc::unauthorized: return error_code::unauthorized;
  case errc::forbidden: return error_code::forbidden;
  case errc::not_found: return error_code::not_found;
  case errc::already_exists: return error_code::already_exists;
  case errc::not_a_member: return error_code::not_a_member;
  case errc::limit_exceeded: return error_code::limit_exceeded;
  case errc::too_large: return error_code::too_large;
  case errc::rate_limited: return error_code::rate_limited;
  case errc::storage_full: return error_code::storage_full;
  case errc::storage_error: return error_code::storage_error;
  case errc::overloaded:
  case errc::late:
  case errc::unreachable:
  case errc::stopping:
  case errc::bad_config:
  case errc::cannot_start:
  case errc::other_version: break;
  }
  return error_code::overloaded;
}

errc errc_named(std::string_view name) {
  for (auto each = 1; each <= static_cast<int>(errc::storage_error); ++each)
    if (to_string(static_cast<errc>(each)) == name) return static_cast<errc>(each);
  return errc::bad_request;
}

caf::error to_caf(const error& why) {
  return make_error(to_errc(why.code), why.message);
}

} // namespace hubbub
