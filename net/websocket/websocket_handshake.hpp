#pragma once

#include "net/admission/census.hpp"
#include "net/io/io_stream.hpp"
#include "net/websocket/websocket.hpp"

#include <functional>
#include <string>

namespace hubbub {

/// A connection that speaks WebSocket from now on.
struct upgraded_stream {
  io_stream stream;
  std::string leftover; ///< bytes that were read after the request
  census::permit permit;
  bool deflates = false; ///< permessage-deflate was negotiated, without keeping any context
};

/// Answers the opening handshake and passes the connection on. `done` is not called if the
/// request is not a proper handshake (the client gets its HTTP error), nor if the client does
/// not take the answer in time.
void answer_handshake(io_thread& thread, websocket_request request,
                      std::function<void(upgraded_stream)> done);

} // namespace hubbub
