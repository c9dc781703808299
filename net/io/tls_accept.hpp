#pragma once

#include "net/admission/census.hpp"
#include "net/io/io_stream.hpp"
#include "net/io/tls_context.hpp"

#include <functional>

namespace hubbub {

class io_thread;

/// Answers the TLS handshake on an accepted socket; `ready` gets the stream on the same thread.
/// A client that does not begin with a handshake is closed before it has cost anything, and
/// told why if it speaks plain HTTP; one that does not finish it within `tls_handshake_timeout`
/// is closed then. `permit`, the socket's, is passed on.
void accept_tls(io_thread& thread, tls_context_ptr context, io_socket socket,
                census::permit permit, std::function<void(io_stream, census::permit)> ready);

} // namespace hubbub
