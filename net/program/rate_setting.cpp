#include "net/program/rate_setting.hpp"

#include "net/program/setting_value.hpp"

#include <array>
#include <cstdint>

namespace hubbub {
namespace {

constexpr std::int64_t usual_burst = 10;
/// Highest rate; a higher one is more likely a typing error.
constexpr std::int64_t highest = 1'000'000'000;
/// Longest time to fill a bucket; a longer one is more likely a typing error.
constexpr std::int64_t longest_filling = 1'000'000; // seconds

using tables = rate_table rate_settings::*;

setting rate_of(std::string_view name, std::string_view help, tables table, rated what) {
  return {"Rates",
          name,
          "RATE",
          "so many a second and at once, such as 100:1000, or off",
          help,
          [table, what](hubbub_config& config, std::string_view text) {
            const auto value = parse_rate(text);
            if (value) (config.chat.rates.*table)[what] = *value;
            return value.has_value();
          },
          [table, what](const hubbub_config& config) {
            return show_rate((config.chat.rates.*table)[what]);
          }};
}

} // namespace

std::optional<rate> parse_rate(std::string_view text) {
  if (text == "off") return rate{};
  const auto colon = text.find(':');
  const auto steady = parse_whole_number(text.substr(0, colon));
  if (!steady || *steady < 1 || *steady > highest) return std::nullopt;
  if (colon == std::string_view::npos)
    return rate{static_cast<double>(*steady), static_cast<double>(*steady * usual_burst)};
  const auto burst = parse_whole_number(text.substr(colon + 1));
  if (!burst || *burst < *steady || *burst > *steady * longest_filling) return std::nullopt;
  return rate{static_cast<double>(*steady), static_cast<double>(*burst)};
}

std::string show_rate(const rate& limit) {
  if (!limit.limited()) return "off";
  return std::to_string(static_cast<std::int64_t>(limit.per_second)) + ":" +
         std::to_string(static_cast<std::int64_t>(limit.burst));
}

std::vector<setting> rate_settings_table() {
  constexpr auto socket = &rate_settings::per_socket;
  constexpr auto user = &rate_settings::per_user;
  constexpr auto address = &rate_settings::per_address;
  return {
      rate_of("rate_events_per_socket", "events of one socket", socket, rated::events),
      rate_of("rate_joins_per_socket", "joins among them", socket, rated::joins),
      rate_of("rate_typing_per_socket", "typing events of one socket", socket, rated::typing),
      rate_of("rate_bytes_per_socket", "bytes from one socket", socket, rated::bytes),
      rate_of("rate_connects_per_socket", "CONNECTs on one socket", socket, rated::connects),
      rate_of("rate_rooms_per_socket", "rooms that one socket creates", socket, rated::creates),
      rate_of("rate_connects_per_user", "connections of one user", user, rated::connects),
      rate_of("rate_events_per_user", "events of all sockets of a user, and HTTP requests",
              user, rated::events),
      rate_of("rate_joins_per_user", "joins among them", user, rated::joins),
      rate_of("rate_bytes_per_user", "bytes from one user", user, rated::bytes),
      rate_of("rate_rooms_per_user", "rooms that one user creates", user, rated::creates),
      rate_of("rate_connects_per_address", "connections from one address", address,
              rated::connects),
      rate_of("rate_events_per_address",
              "events of all sockets of an address, and HTTP requests", address, rated::events),
      rate_of("rate_joins_per_address", "joins among them", address, rated::joins),
      rate_of("rate_bytes_per_address", "bytes from one address", address, rated::bytes),
      rate_of("rate_rooms_per_address", "rooms created from one address", address,
              rated::creates),
  };
}

} // namespace hubbub
