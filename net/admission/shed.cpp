#include "net/admission/shed.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

namespace hubbub {
namespace {

// Maximum number of waiting connections that are refused before the thread's other work gets
// its turn.
constexpr int refused_at_once = 64;

std::string text_for(refused_for why) {
  constexpr std::string_view body =
      R"({"error":{"code":"overloaded","message":"the server has no room for more connections"}})";
  // A burst passes sooner than a full server gains free places.
  const auto seconds = why == refused_for::rate ? 1 : 5;
  return "HTTP/1.1 503 Service Unavailable\r\nRetry-After: " + std::to_string(seconds) +
         "\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n"
         "Access-Control-Allow-Origin: *\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

const std::string& refusal_text(refused_for why) {
  static const std::string sooner = text_for(refused_for::rate);
  static const std::string later = text_for(refused_for::connections);
  return why == refused_for::rate ? sooner : later;
}

} // namespace

void write_refusal(int socket, refused_for why) {
  // Input that has come already is read: closing without reading it would reset the connection,
  // and the answer would be lost.
  std::array<char, 4'096> waste;
  static_cast<void>(::recv(socket, waste.data(), waste.size(), MSG_DONTWAIT));
  const auto& text = refusal_text(why);
  static_cast<void>(::send(socket, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  ::shutdown(socket, SHUT_WR);
}

spare_descriptor::~spare_descriptor() {
  give_up();
}

spare_descriptor::result spare_descriptor::refuse_waiting(int listening, refusing how) {
  result done;
  do {
    give_up();
    const auto socket = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) break;
    if (how == refusing::in_words) write_refusal(socket, refused_for::descriptors);
    ::close(socket);
    ++done.refused;
  } while (restore() && done.refused < refused_at_once);
  done.restored = restore();
  return done;
}

bool spare_descriptor::restore() {
  if (descriptor_ < 0) descriptor_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  return descriptor_ >= 0;
}

void spare_descriptor::give_up() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

} // namespace hubbub
