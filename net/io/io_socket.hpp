#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace hubbub {

/// A TCP socket of one io thread. The type of its executor is known at compile time, which
/// saves virtual calls.
using io_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                                   boost::asio::io_context::executor_type>;

} // namespace hubbub
