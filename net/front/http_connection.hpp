#pragma once

#include "net/admission/census.hpp"
#include "net/http/http_exchange.hpp"
#include "net/io/io_stream.hpp"
#include "net/websocket/websocket.hpp"

namespace hubbub {

class http_router;
class io_thread;
class node_door;

/// Reads requests from an accepted connection and writes their answers, one after the other,
/// until either side ends or a WebSocket takes over. `permit` is the socket's. With a `door`,
/// which outlives the threads, only requests of other nodes for sessions are answered.
void serve_http(io_thread& thread, http_router& router, io_stream stream,
                census::permit permit = {}, const node_door* door = nullptr);

/// Answers a request for a WebSocket that was read elsewhere, and closes the connection.
void refuse_http(io_thread& thread, websocket_request request, http_response response);

} // namespace hubbub
