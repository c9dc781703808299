#pragma once

#include "tests/support/catch.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub::test {

/// A socket that a test has accepted.
struct accepted_socket {
  int descriptor = -1;
};

/// A TCP client that sends and reads bytes as the test says. A derived class may put another
/// layer (TLS) below it. A server that stays silent for long fails the test.
class raw_client {
 public:
  explicit raw_client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  }
  /// Takes a connected socket.
  explicit raw_client(const accepted_socket& from) : socket_(from.descriptor) {}
  virtual ~raw_client() { ::close(socket_); }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  /// Sends; false once the server has closed.
  bool try_send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = put(bytes);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void send(std::string_view bytes) { REQUIRE(try_send(bytes)); }

  /// Ends the sending direction.
  void end() { ::shutdown(socket_, SHUT_WR); }

  /// Reads until `mark` has come; returns everything up to its end.
  std::string read_until(std::string_view mark) {
    for (;;) {
      if (const auto at = unread_.find(mark); at != std::string::npos)
        return take(at + mark.size());
      INFO("waiting for " << mark << ", have " << unread_);
      REQUIRE(receive());
    }
  }
  std::string read(std::size_t count) {
    while (unread_.size() < count)
      REQUIRE(receive());
    return take(count);
  }
  /// Returns everything until the server ends the connection.
  std::string read_to_end() {
    while (receive()) {
    }
    return take(unread_.size());
  }

  /// The status line and body of one HTTP response.
  struct response {
    unsigned status = 0;
    std::string head;
    std::string body;
  };
  response read_response() {
    response r;
    r.head = read_until("\r\n\r\n");
    r.status = static_cast<unsigned>(std::stoul(r.head.substr(9, 3)));
    if (const auto at = r.head.find("Content-Length: "); at != std::string::npos)
      r.body = read(std::stoul(r.head.substr(at + 16)));
    return r;
  }
  response get(const std::string& target) {
    send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return read_response();
  }
  response post(const std::string& target, const std::string& body) {
    send("POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body);
    return read_response();
  }

  /// One unfragmented WebSocket frame: its first byte and its payload.
  struct ws_frame {
    unsigned opcode = 0;
    bool rsv1 = false;
    std::string payload;
  };
  ws_frame read_frame() {
    const auto byte = [this] { return static_cast<unsigned char>(read(1)[0]); };
    ws_frame frame;
    const auto first = byte();
    frame.opcode = first & 0x0fU;
    frame.rsv1 = (first & 0x40U) != 0;
    std::size_t length = byte();
    const auto more = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (more > 0) length = 0;
    for (int i = 0; i < more; ++i)
      length = length << 8U | byte();
    frame.payload = read(length);
    return frame;
  }

 protected:
  static constexpr int patience_ms = 20'000;

  [[nodiscard]] int descriptor() const { return socket_; }
  /// Writes some of the bytes and returns how many; zero or less once the server has closed.
  virtual long put(std::string_view bytes) {
    return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  /// Waits for bytes and returns how many came; zero or less at the end of the connection.
  virtual long take_some(char* into, std::size_t size) {
    pollfd ready{socket_, POLLIN, 0};
    REQUIRE(::poll(&ready, 1, patience_ms) == 1);
    return ::recv(socket_, into, size, 0);
  }

 private:
  /// Receives bytes; false at the end of the connection.
  bool receive() {
    char space[65536];
    const auto count = take_some(space, sizeof space);
    if (count <= 0) return false;
    unread_.append(space, static_cast<std::size_t>(count));
    return true;
  }
  std::string take(std::size_t count) {
    auto taken = unread_.substr(0, count);
    unread_.erase(0, count);
    return taken;
  }

  int socket_;
  std::string unread_;
};

/// Returns a client's frame; its mask is zero, which leaves the payload readable.
inline std::string client_frame(std::string_view payload, unsigned opcode = 1) {
  std::string out{static_cast<char>(0x80U | opcode)};
  const auto size = payload.size();
  if (size < 126) {
    out += static_cast<char>(0x80U | size);
  } else {
    const auto bytes = size < 65'536 ? 2U : 8U;
    out += static_cast<char>(0x80U | (bytes == 2 ? 126U : 127U));
    for (auto i = bytes; i-- > 0;)
      out += static_cast<char>(size >> (8U * i) & 0xffU);
  }
  out.append(4, '\0');
  out += payload;
  return out;
}

inline std::string websocket_request(const std::string& target) {
  return "GET " + target +
         " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

} // namespace hubbub::test
