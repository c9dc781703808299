#include "net/io/passed_sockets.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace hubbub {
namespace {

/// The first descriptor that is passed; those below are standard input, output and error.
constexpr int first_passed = 3;
/// More sockets than anybody passes.
constexpr std::int64_t most_passed = 1'000;

/// Returns the number that a variable of the environment holds.
std::optional<std::int64_t> number_in(const char* name) {
  const auto* const value = std::getenv(name);
  const std::string_view text = value == nullptr ? std::string_view{} : value;
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || failed != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

} // namespace

expected<std::vector<int>, std::string> passed_sockets() {
  const auto count = number_in("LISTEN_FDS");
  if (!count || number_in("LISTEN_PID") != std::int64_t{getpid()}) return {};
  if (*count < 0 || *count > most_passed)
    return unexpected<std::string>("LISTEN_FDS is no number of sockets");
  std::vector<int> sockets;
  for (int each = first_passed; each < first_passed + *count; ++each) {
    if (::fcntl(each, F_SETFD, FD_CLOEXEC) != 0)
      return unexpected("descriptor " + std::to_string(each) +
                        ", which LISTEN_FDS announces, is not there");
    sockets.push_back(each);
  }
  return sockets;
}

} // namespace hubbub
