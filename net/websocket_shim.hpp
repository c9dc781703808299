#pragma once

#include "net/io_stream.hpp"
#include "proto/websocket_scanner.hpp"

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace hubbub {

/// The stream below Beast's WebSocket. Reads go to the connection. Beast's own writes, which
/// once the handshake is done are control frames, go where our data frames go: written
/// directly, they would land in the middle of one.
class websocket_shim {
 public:
  using executor_type = io_stream::executor_type;

  websocket_shim(io_stream stream, std::string leftover, std::size_t max_fragments)
      : stream_(std::move(stream)), leftover_(std::move(leftover)),
        max_fragments_(max_fragments) {}

  /// How reading ends where a message comes in more fragments than that.
  static boost::beast::error_code too_many_fragments() {
    return boost::asio::error::message_size;
  }

  executor_type get_executor() { return stream_.get_executor(); }
  io_stream& stream() { return stream_; }
  [[nodiscard]] const io_stream& stream() const { return stream_; }

  /// From now on Beast's writes are whole control frames and go here; false: there is no room.
  void divert_writes(std::function<bool(std::string frame)> queue) {
    queue_ = std::move(queue);
  }

  /// Bytes that were read behind the HTTP request come first.
  template <class Buffers, class Handler>
  auto async_read_some(const Buffers& buffers, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(boost::beast::error_code, std::size_t)>(
        [this](auto done, const auto& into) {
          if (leftover_.empty()) {
            // What waits is kept where its owner wants it, as without us in between.
            const auto memory = boost::asio::get_associated_allocator(done);
            stream_.async_read_some(
                into, boost::asio::bind_allocator(
                          memory, [this, into, done = std::move(done)](
                                      boost::beast::error_code ec, std::size_t size) mutable {
                            if (!scan(into, size)) ec = too_many_fragments();
                            std::move(done)(ec, size);
                          }));
            return;
          }
          const auto size = boost::asio::buffer_copy(into, boost::asio::buffer(leftover_));
          leftover_.erase(0, size);
          complete(std::move(done), scan(into, size) ? error_code{} : too_many_fragments(),
                   size);
        },
        handler, buffers);
  }

  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& buffers, Handler&& handler) {
    return boost::asio::async_initiate<Handler, void(boost::beast::error_code, std::size_t)>(
        [this](auto done, const auto& from) {
          if (!queue_) {
            stream_.async_write_some(from, std::move(done));
            return;
          }
          // All of it, or a frame could be cut in two.
          auto frame = boost::beast::buffers_to_string(from);
          const auto size = frame.size();
          if (queue_(std::move(frame)))
            complete(std::move(done), {}, size);
          else
            complete(std::move(done), boost::asio::error::no_buffer_space, 0);
        },
        handler, buffers);
  }

 private:
  using error_code = boost::beast::error_code;

  /// Once the handshake is done, all that is read are frames. False: too many fragments.
  template <class Buffers>
  bool scan(const Buffers& buffers, std::size_t size) {
    for (const auto part : boost::beast::buffers_range_ref(buffers)) {
      const auto count = std::min(size, part.size());
      if (!scanner_.feed({static_cast<const char*>(part.data()), count}, max_fragments_))
        return false;
      size -= count;
    }
    return true;
  }

  /// Never within the call that began the operation.
  template <class Handler>
  void complete(Handler&& handler, boost::beast::error_code ec, std::size_t size) {
    boost::asio::post(get_executor(),
                      boost::beast::bind_handler(std::forward<Handler>(handler), ec, size));
  }

  io_stream stream_;
  std::string leftover_;
  std::function<bool(std::string)> queue_;
  std::size_t max_fragments_;
  websocket_scanner scanner_;
};

// What Beast calls by name to end a stream. How the socket ends is its owner's business, since
// frames may still be queued.
inline void beast_close_socket(websocket_shim& shim) {
  shim.stream().close();
}
inline void teardown(boost::beast::role_type, websocket_shim&, boost::beast::error_code& ec) {
  ec = {};
}
template <class Handler>
void async_teardown(boost::beast::role_type, websocket_shim& shim, Handler&& handler) {
  boost::asio::post(
      shim.get_executor(),
      boost::beast::bind_handler(std::forward<Handler>(handler), boost::beast::error_code{}));
}

} // namespace hubbub
