#include "bench/client/dialect.hpp"

#include <toml++/toml.h>

#include <array>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>
#include <variant>
#include <vector>

namespace hubbub::bench {
namespace {

constexpr std::array<std::pair<std::string_view, confirmation>, 4> confirmations{
    {{"ack", confirmation::ack},
     {"echo", confirmation::echo},
     {"ack_and_echo", confirmation::ack_and_echo},
     {"delivery", confirmation::delivery}}};

/// A key of the file, as `section.key`, and what it sets.
struct entry {
  std::string_view key;
  std::variant<std::string*, bool*, confirmation*> to;
};

std::vector<entry> entries_of(dialect& d) {
  return {
      {"name", &d.name},
      {"path", &d.path},
      {"auth_username", &d.auth_username},
      {"ack_ok", &d.ack_ok},
      {"join.event", &d.join.event},
      {"join.room", &d.join.room},
      {"join.username", &d.join.username},
      {"join.extra", &d.join.extra},
      {"join.reply", &d.join.reply},
      {"join.since", &d.join.since},
      {"join.missed", &d.join.missed},
      {"leave.event", &d.leave.event},
      {"leave.room", &d.leave.room},
      {"leave.reply", &d.leave.reply},
      {"send.event", &d.send.event},
      {"send.room", &d.send.room},
      {"send.content", &d.send.content},
      {"send.username", &d.send.username},
      {"send.extra", &d.send.extra},
      {"send.confirm", &d.send.confirm},
      {"send.ack_in_order", &d.send.ack_in_order},
      {"message.event", &d.message.event},
      {"message.content", &d.message.content},
      {"message.seq", &d.message.seq},
      {"typing.event", &d.typing.event},
      {"typing.room", &d.typing.room},
      {"typing.username", &d.typing.username},
      {"typing.is_typing", &d.typing.is_typing},
      {"typing.confirm", &d.typing.confirm},
      {"typing.heard", &d.typing.heard},
      {"typing.heard_username", &d.typing.heard_username},
      {"http.rooms", &d.http.rooms},
      {"http.rooms_list", &d.http.rooms_list},
      {"http.page", &d.http.page},
      {"http.older", &d.http.older},
      {"http.messages", &d.http.messages},
      {"http.cursor", &d.http.cursor},
      {"http.newest_first", &d.http.newest_first},
      {"http.info", &d.http.info},
      {"http.search", &d.http.search},
      {"http.search_feature", &d.http.search_feature},
  };
}

bool set(std::string& to, const toml::node& from) {
  const auto text = from.value_exact<std::string>();
  if (text) to = *text;
  return text.has_value();
}

bool set(bool& to, const toml::node& from) {
  const auto truth = from.value_exact<bool>();
  if (truth) to = *truth;
  return truth.has_value();
}

bool set(confirmation& to, const toml::node& from) {
  const auto text = from.value_exact<std::string>();
  for (const auto& [name, value] : confirmations)
    if (text == name) {
      to = value;
      return true;
    }
  return false;
}

expected<void, std::string> apply(const std::vector<entry>& entries, const toml::table& table,
                                  const std::string& section) {
  for (const auto& [name, node] : table) {
    const auto key = section + std::string{name.str()};
    if (const auto* inner = node.as_table()) {
      if (auto done = apply(entries, *inner, key + "."); !done) return done;
      continue;
    }
    bool known = false;
    for (const auto& entry : entries) {
      if (entry.key != key) continue;
      known = true;
      if (!std::visit([&node = node](auto* to) { return set(*to, node); }, entry.to))
        return unexpected(key + " has a value that it does not take");
    }
    if (!known) return unexpected(key + " is not a key of a dialect");
  }
  return {};
}

} // namespace

expected<dialect, std::string> parse_dialect(std::string_view toml) {
  dialect read;
  try {
    const auto table = toml::parse(toml);
    if (auto done = apply(entries_of(read), table, ""); !done) return unexpected(done.error());
  } catch (const toml::parse_error& e) {
    std::ostringstream why;
    why << "line " << e.source().begin.line << " is not TOML: " << e.description();
    return unexpected(why.str());
  }
  if (read.send.confirm == confirmation::delivery)
    return unexpected(std::string{"send.confirm takes ack, echo or ack_and_echo"});
  if (read.typing.confirm != confirmation::ack && read.typing.confirm != confirmation::delivery)
    return unexpected(std::string{"typing.confirm takes ack or delivery"});
  return read;
}

expected<dialect, std::string> read_dialect(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in || std::filesystem::is_directory(file))
    return unexpected("cannot read the file " + file.string());
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  return parse_dialect(text).map_error(
      [&file](const std::string& why) { return file.string() + ": " + why; });
}

} // namespace hubbub::bench
