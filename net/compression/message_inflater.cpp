#include "net/compression/message_inflater.hpp"

#include "net/compression/deflate_stream.hpp"

#include <zlib.h>

#include <algorithm>

namespace hubbub {
namespace {

constexpr std::size_t first_room = 256;
// Maximum number of DEFLATE streams that may end within one message. Nobody needs more than
// one; the shortest takes two bytes, and each costs a restart.
constexpr int most_streams = 16;
// The value of `data_type` after the last byte of a block, where a message ends.
constexpr int between_blocks = 128;

} // namespace

void message_inflater::ender::operator()(z_stream_s* stream) const {
  inflateEnd(stream);
  delete stream;
}

message_inflater::message_inflater() = default;
message_inflater::~message_inflater() = default;

expected<std::string, websocket_error> message_inflater::inflate(std::string_view compressed,
                                                                 std::size_t max) {
  if (!start()) return unexpected(websocket_error::too_large);
  output plain;
  if (const auto added = add(compressed, max, plain); !added) return unexpected(added.error());
  const auto size = plain.size;
  if (const auto added = add(flush_tail, max, plain); !added) return unexpected(added.error());
  // Otherwise a truncated block would have taken the tail for its content.
  if (plain.size != size || stream_->data_type != between_blocks)
    return unexpected(websocket_error::protocol);
  plain.bytes.resize(size);
  return std::move(plain.bytes);
}

/// Creates the stream; false if there is no memory.
bool message_inflater::start() {
  if (stream_) return inflateReset(stream_.get()) == Z_OK;
  auto made = std::make_unique<z_stream_s>();
  if (inflateInit2(made.get(), raw_window) != Z_OK) return false;
  stream_.reset(made.release());
  return true;
}

expected<void, websocket_error> message_inflater::add(std::string_view compressed,
                                                      std::size_t max, output& plain) {
  auto& z = *stream_;
  // zlib only reads it, whatever the type says.
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  z.avail_in = static_cast<uInt>(compressed.size());
  do {
    auto& [bytes, size, streams] = plain;
    // The room doubles each time, up to one byte more than allowed, which shows that the
    // message is too large.
    if (size == bytes.size())
      bytes.resize(size + std::min(std::max(first_room, size), max + 1 - size));
    z.next_out = reinterpret_cast<Bytef*>(bytes.data() + size);
    z.avail_out = static_cast<uInt>(bytes.size() - size);
    const auto status = ::inflate(&z, Z_SYNC_FLUSH);
    size = bytes.size() - z.avail_out;
    if (size > max) return unexpected(websocket_error::too_large);
    // A sender may end the stream within a message and begin another one (RFC 7692, 7.2.3.4).
    if (status == Z_STREAM_END && ++streams <= most_streams && inflateReset(&z) == Z_OK)
      continue;
    if (status != Z_OK && status != Z_BUF_ERROR) return unexpected(websocket_error::protocol);
  } while (z.avail_in > 0 || z.avail_out == 0);
  return {};
}

} // namespace hubbub
