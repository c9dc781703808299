#pragma once

#include "net/admission/census.hpp"
#include "net/io/io_stream.hpp"

namespace hubbub {

class io_thread;

/// Ends a connection whose last bytes have been written: tells the peer (under TLS too), and
/// discards what it still sends until it has closed its side or a short time has passed.
/// Closing at once would reset the connection and could destroy those last bytes. `permit` is
/// the socket's.
void close_lingering(io_thread& thread, io_stream stream, census::permit permit);

} // namespace hubbub
