#include "tests/fuzz/server/served_bytes.hpp"

using namespace hubbub::fuzz;

/// Sends the input on a connection. The first byte says in which pieces it arrives: at once, or
/// some bytes at a time. The store has the room 1, `general`, with one message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  script input{data, size};
  auto& chat = shared_chat();
  {
    served_client client{chat};
    const auto pieces = input.byte();
    client.send(input.rest(), pieces % 4 == 1 ? std::size_t{8} + pieces : 0);
    check_answer(client.received());
  }
  require(chat.stats().sockets_open == 0, "nothing is left of a connection");
  chat.let_pass(std::chrono::seconds{15});
  return 0;
}
