#pragma once

#include "net/program/setting_table.hpp"
#include "net/program/setting_value.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hubbub {

/// Adds the bounds on what connections may use (setting_table_bounds.cpp).
void add_connection_bounds(std::vector<setting>& table);
/// Adds how servers that share a database reach each other (setting_table_nodes.cpp).
void add_node_links(std::vector<setting>& table);
/// Adds the bridge to Socket.IO's ecosystem (setting_table_bridge.cpp).
void add_bridge(std::vector<setting>& table);
/// Adds the flight recorder's file and the socket for upgrades (setting_table_files.cpp).
void add_recorder(std::vector<setting>& table);
void add_upgrades(std::vector<setting>& table);

} // namespace hubbub

/// Makes settings of each kind, for the files that list them.
namespace hubbub::setting_builder {

using std::chrono::milliseconds;

constexpr milliseconds one_second{1'000};
constexpr milliseconds one_minute{60'000};
constexpr milliseconds one_day{24 * 60 * one_minute};
/// Upper bound for sizes of what one client may send or keep waiting; more is probably a typing
/// error.
constexpr std::int64_t one_gigabyte = 1'000'000'000;
/// Upper bound for numbers of things.
constexpr std::int64_t one_million = 1'000'000;

/// What a setting is called, and what it does.
struct setting_text {
  std::string_view group, name, help;
};

/// Makes a setting that is a number. `field` returns a reference into the configuration,
/// constant or not.
template <class Field>
setting number(setting_text what, std::int64_t min, std::int64_t max, Field field) {
  return {what.group,
          what.name,
          "NUMBER",
          "a whole number from " + std::to_string(min) + " to " + std::to_string(max),
          what.help,
          [=](hubbub_config& config, std::string_view text) {
            const auto value = parse_whole_number(text);
            if (!value || *value < min || *value > max) return false;
            auto& to = field(config);
            to = static_cast<std::remove_reference_t<decltype(to)>>(*value);
            return true;
          },
          [=](const hubbub_config& config) { return std::to_string(field(config)); }};
}

/// Makes a setting that is a number or `auto`, by which the server chooses; that is 0 in the
/// configuration.
template <class Field>
setting number_or_auto(setting_text what, std::int64_t max, Field field) {
  auto made = number(what, 1, max, field);
  made.takes += ", or auto";
  made.set = [set = made.set, field](hubbub_config& config, std::string_view text) {
    if (text != "auto") return set(config, text);
    field(config) = 0;
    return true;
  };
  made.show = [field](const hubbub_config& config) {
    return field(config) == 0 ? std::string{"auto"} : std::to_string(field(config));
  };
  return made;
}

inline void assign(milliseconds& to, milliseconds value) {
  to = value;
}
inline void assign(std::int64_t& to, milliseconds value) {
  to = value.count();
}

template <class Field>
setting duration(setting_text what, milliseconds min, milliseconds max, Field field) {
  return {
      what.group,
      what.name,
      "DURATION",
      "a duration from " + show_duration(min) + " to " + show_duration(max) +
          ", such as 25s or 500ms",
      what.help,
      [=](hubbub_config& config, std::string_view text) {
        const auto value = parse_duration(text);
        if (!value || *value < min || *value > max) return false;
        assign(field(config), *value);
        return true;
      },
      [=](const hubbub_config& config) { return show_duration(milliseconds{field(config)}); }};
}

template <class Field>
setting truth(setting_text what, Field field) {
  return {what.group,
          what.name,
          "BOOL",
          "true or false",
          what.help,
          [=](hubbub_config& config, std::string_view text) {
            const auto value = parse_truth(text);
            if (value) field(config) = *value;
            return value.has_value();
          },
          [=](const hubbub_config& config) {
            return std::string{field(config) ? "true" : "false"};
          }};
}

template <class Enum, std::size_t Count>
setting choice(setting_text what, std::array<std::pair<std::string_view, Enum>, Count> words,
               Enum& (*field)(hubbub_config&)) {
  std::string takes = "one of";
  for (const auto& [word, value] : words)
    takes.append(word == words.front().first ? " " : ", ").append(word);
  return {what.group,
          what.name,
          "WORD",
          std::move(takes),
          what.help,
          [=](hubbub_config& config, std::string_view text) {
            const auto* found = std::ranges::find(words, text, [](auto& w) { return w.first; });
            if (found == words.end()) return false;
            field(config) = found->second;
            return true;
          },
          [=](const hubbub_config& config) {
            auto copy = config;
            const auto value = field(copy);
            const auto* found =
                std::ranges::find(words, value, [](auto& w) { return w.second; });
            return std::string{found == words.end() ? "" : found->first};
          }};
}

/// True for an empty value, and for whatever may be a path.
inline bool is_path_or_none(std::string_view text) {
  return text.find('\0') == std::string_view::npos;
}

template <class Field>
setting text(setting_text what, std::string takes, bool (*fits)(std::string_view),
             Field field) {
  return {what.group,
          what.name,
          "TEXT",
          std::move(takes),
          what.help,
          [=](hubbub_config& config, std::string_view value) {
            if (fits(value)) field(config) = value;
            return fits(value);
          },
          [=](const hubbub_config& config) { return std::string{field(config)}; }};
}

/// Returns a setting's field as a function of the configuration, constant or not.
#define HUBBUB_FIELD(member) ([](auto& config) -> auto& { return config.member; })

} // namespace hubbub::setting_builder
