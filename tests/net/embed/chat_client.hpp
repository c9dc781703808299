#pragma once

#include "tests/net/raw_client.hpp"

#include <cstdint>
#include <string>

namespace hubbub::test {

/// A client of the chat over WebSocket, which has entered a namespace.
class chat_client : public raw_client {
 public:
  /// Connects to a port of this machine with `auth`, a JSON object.
  chat_client(std::uint16_t port, const std::string& auth, const std::string& nsp = "/",
              const std::string& headers = {})
      : raw_client(port), prefix_(nsp == "/" ? "" : nsp + ",") {
    auto request = websocket_request("/socket.io/?EIO=4&transport=websocket");
    request.insert(request.find("Host:"), headers);
    send(request);
    read_until("\r\n\r\n");
    read_frame();
    put_packet("40" + prefix_ + auth);
    welcome = next();
  }

  /// Sends an event and returns the array of its ack. `args` is JSON joined by commas.
  std::string ask(const std::string& event, const std::string& args) {
    const auto id = std::to_string(++last_);
    put_packet("42" + prefix_ + id + "[\"" + event + "\"" + (args.empty() ? "" : ",") + args +
               "]");
    return find("43" + prefix_ + id);
  }
  void emit(const std::string& event, const std::string& args) {
    put_packet("42" + prefix_ + "[\"" + event + "\"" + (args.empty() ? "" : ",") + args + "]");
  }
  /// Returns the arguments of the next event of this name, as `args]`; skips everything else.
  std::string hear(const std::string& event) {
    return find("42" + prefix_ + "[\"" + event + "\",");
  }
  /// Returns the rest of the next packet that begins like this; skips everything else.
  std::string find(const std::string& begin) {
    for (;;)
      if (const auto packet = next(); packet.starts_with(begin))
        return packet.substr(begin.size());
  }
  /// Returns the next packet.
  std::string next() { return read_frame().payload; }

  std::string welcome; ///< the answer to its CONNECT

 private:
  void put_packet(const std::string& text) { send(client_frame(text)); }

  std::string prefix_;
  std::uint64_t last_ = 0;
};

} // namespace hubbub::test
