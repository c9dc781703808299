#include "net/engine/engine_sid.hpp"

#include "actors/crypto/random_id.hpp"

#include <charconv>

namespace hubbub {
namespace {

constexpr std::size_t secret_length = 32;
constexpr std::size_t max_thread_digits = 4;

} // namespace

std::string make_sid(std::size_t thread) {
  std::string sid;
  // exactly this much, since the session keeps it
  sid.reserve(secret_length + max_thread_digits);
  return sid.append(random_id()).append(std::to_string(thread));
}

std::optional<std::size_t> thread_of_sid(std::string_view sid, std::size_t threads) {
  if (sid.size() <= secret_length || sid.size() > secret_length + max_thread_digits) return {};
  const auto digits = sid.substr(secret_length);
  if (digits.size() > 1 && digits.front() == '0') return {};
  std::size_t thread = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), thread);
  if (ec != std::errc{} || end != digits.data() + digits.size() || thread >= threads) return {};
  return thread;
}

} // namespace hubbub
