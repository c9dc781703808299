#include "tests/fuzz/server/served_bytes.hpp"

#include <string>

using namespace hubbub::fuzz;

namespace {

// Set if the input is a list of frames, each a first byte and a payload that ends at a byte
// 0xff; not set if it is raw bytes.
constexpr unsigned framed = 1;
constexpr unsigned joined = 2;    ///< the client joins the room `general` before
constexpr unsigned in_pieces = 4; ///< the next byte says how many bytes arrive at a time
constexpr unsigned waits = 8;     ///< rooms end before the next client comes

std::string frames_of(script& input) {
  std::string all;
  while (!input.ended()) {
    const auto first = input.byte();
    all += client_frame(first, input.until('\xff'));
  }
  return all;
}

} // namespace

/// Takes what a client sends on a WebSocket, after a byte of the flags above.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  script input{data, size};
  auto& chat = shared_chat();
  const auto flags = input.byte();
  {
    served_client client{chat};
    const std::size_t piece = (flags & in_pieces) != 0 ? std::size_t{8} + input.byte() : 0;
    auto bytes = upgrade_request();
    if ((flags & joined) != 0) {
      bytes += client_frame(0x81, "40{\"username\":\"ana\"}");
      bytes += client_frame(0x81, R"(420["join_room",{"room":"general"}])");
    }
    bytes += (flags & framed) != 0 ? frames_of(input) : std::string{input.rest()};
    client.send(bytes, piece);

    const std::string_view received{client.received()};
    require(received.starts_with("HTTP/1.1 101 "), "the upgrade is answered");
    const auto end_of_head = received.find("\r\n\r\n");
    require(end_of_head != std::string_view::npos, "its answer has an end");
    const auto said = checked_frames(received.substr(end_of_head + 4));
    require(said.starts_with("0{\"sid\":\""), "the session begins with its handshake");
  }
  const auto left = chat.stats();
  require(left.sessions_open == 0, "a session ends with its connection");
  require(left.sockets_open == 0, "nothing is left of a connection");
  if ((flags & waits) != 0) chat.let_pass(std::chrono::seconds{15});
  return 0;
}
