#pragma once

#include "net/admission/census.hpp"
#include "net/io/io_stream.hpp"
#include "net/io/tls_context.hpp"

#include <functional>

namespace hubbub {

class io_thread;

/// Answers the TLS handshake on an accepted socket; `ready` gets the stream on the same thread.
/// Whoever does not begin with one (plain HTTP, say) is closed before it has cost anything,
/// whoever does not finish it within `tls_handshake_timeout` then.
/// `seat`, the socket's, goes along.
void accept_tls(io_thread& thread, tls_context_ptr context, io_socket socket, census::seat seat,
                std::function<void(io_stream, census::seat)> ready);

} // namespace hubbub
