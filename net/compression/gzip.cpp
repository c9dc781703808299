#include "net/compression/gzip.hpp"

#include <zlib.h>

namespace hubbub {
namespace {

// JSON shrinks to about a fifth at any level; the lowest takes 10 ms for a megabyte.
constexpr int quickly = 1;
// The largest window, with the head and the checksum of gzip.
constexpr int gzip_window = 15 + 16;
constexpr int usual_memory = 8;

} // namespace

std::string gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, quickly, Z_DEFLATED, gzip_window, usual_memory,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    return {};
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool is_whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(is_whole ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

} // namespace hubbub
