#include "net/front/access_note.hpp"

#include "net/log/log.hpp"

#include <cstdint>
#include <string_view>

namespace hubbub {

std::string trace_id_of(const http_request& request) {
  const std::string_view parent = request.header("traceparent");
  constexpr std::size_t at = 3;
  constexpr std::size_t length = 32;
  if (parent.size() < at + length + 1 || parent[2] != '-' || parent[at + length] != '-')
    return {};
  const auto id = parent.substr(at, length);
  const auto is_hex = id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_hex ? std::string{id} : std::string{};
}

std::unique_ptr<access_note> note_of(const http_request& request) {
  return std::make_unique<access_note>(
      access_note{request.method, request.path, request.client, trace_id_of(request)});
}

void log_access(const access_note& note) {
  const std::chrono::duration<double, std::milli> lasted =
      std::chrono::steady_clock::now() - note.begun;
  log(log_event::access, "answered",
      {{"method", note.method},
       {"path", note.path},
       {"status", std::uint64_t{note.status}},
       {"bytes", std::uint64_t{note.bytes}},
       {"ms", lasted.count()},
       {"client", to_string(note.client)},
       {"user", note.user_id},
       {"trace_id", note.trace_id}});
}

} // namespace hubbub
