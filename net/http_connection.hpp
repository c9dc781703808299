#pragma once

#include "net/http_exchange.hpp"
#include "net/io_socket.hpp"

namespace hubbub {

class http_router;
class io_thread;

/// Reads requests from an accepted socket and writes their answers, one after the other, until
/// either side ends or a WebSocket takes over.
void serve_http(io_thread& thread, http_router& router, io_socket socket);

/// Answers the one request that was read elsewhere, and closes.
void refuse_http(io_thread& thread, io_socket socket, http_response response);

} // namespace hubbub
