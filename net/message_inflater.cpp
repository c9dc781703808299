#include "net/message_inflater.hpp"

#include <zlib.h>

#include <algorithm>

namespace hubbub {
namespace {

constexpr int raw_window = -15; // negative: neither header nor checksum
// What a sender leaves off (RFC 7692, 7.2.1).
constexpr std::string_view flush_tail{"\x00\x00\xff\xff", 4};
constexpr std::size_t first_room = 256;

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
  std::string plain;
  for (const auto part : {compressed, flush_tail})
    if (const auto added = add(part, max, plain); !added) return unexpected(added.error());
  return plain;
}

/// False: there is no memory.
bool message_inflater::start() {
  if (stream_) return inflateReset(stream_.get()) == Z_OK;
  auto made = std::make_unique<z_stream_s>();
  if (inflateInit2(made.get(), raw_window) != Z_OK) return false;
  stream_.reset(made.release());
  return true;
}

expected<void, websocket_error> message_inflater::add(std::string_view compressed,
                                                      std::size_t max, std::string& plain) {
  auto& z = *stream_;
  // zlib reads it only, whatever its type says.
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  z.avail_in = static_cast<uInt>(compressed.size());
  do {
    const auto begin = plain.size();
    // As much again as there is, up to one more than is allowed: so it shows.
    const auto room = std::min(std::max(first_room, begin), max + 1 - begin);
    plain.resize(begin + room);
    z.next_out = reinterpret_cast<Bytef*>(plain.data() + begin);
    z.avail_out = static_cast<uInt>(room);
    const auto status = ::inflate(&z, Z_SYNC_FLUSH);
    plain.resize(begin + room - z.avail_out);
    if (plain.size() > max) return unexpected(websocket_error::too_large);
    // A sender may end the stream within a message and begin another (RFC 7692, 7.2.3.4).
    if (status == Z_STREAM_END && inflateReset(&z) == Z_OK) continue;
    if (status != Z_OK && status != Z_BUF_ERROR) return unexpected(websocket_error::protocol);
  } while (z.avail_in > 0 || z.avail_out == 0);
  return {};
}

} // namespace hubbub
