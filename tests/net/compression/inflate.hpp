#pragma once

#include "tests/support/catch.hpp"

#include <zlib.h>

#include <string>
#include <string_view>

namespace hubbub::test {

/// Undoes permessage-deflate for one message, without any earlier context.
inline std::string inflate_message(std::string_view compressed) {
  std::string input{compressed};
  input.append("\x00\x00\xff\xff", 4);
  z_stream z{};
  REQUIRE(inflateInit2(&z, -15) == Z_OK);
  z.next_in = reinterpret_cast<Bytef*>(input.data());
  z.avail_in = static_cast<uInt>(input.size());
  std::string plain;
  int result = Z_OK;
  while (result == Z_OK && (z.avail_in > 0 || z.avail_out == 0)) {
    char space[65536];
    z.next_out = reinterpret_cast<Bytef*>(space);
    z.avail_out = sizeof space;
    result = inflate(&z, Z_SYNC_FLUSH);
    plain.append(space, sizeof space - z.avail_out);
  }
  CHECK((result == Z_OK || result == Z_BUF_ERROR));
  CHECK(z.avail_in == 0);
  inflateEnd(&z);
  return plain;
}

/// Undoes gzip.
inline std::string gunzip(std::string_view compressed) {
  z_stream z{};
  REQUIRE(inflateInit2(&z, 15 + 16) == Z_OK);
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  z.avail_in = static_cast<uInt>(compressed.size());
  std::string plain;
  int result = Z_OK;
  while (result == Z_OK) {
    char space[65536];
    z.next_out = reinterpret_cast<Bytef*>(space);
    z.avail_out = sizeof space;
    result = inflate(&z, Z_NO_FLUSH);
    plain.append(space, sizeof space - z.avail_out);
  }
  CHECK(result == Z_STREAM_END);
  CHECK(z.avail_in == 0);
  inflateEnd(&z);
  return plain;
}

/// Compresses a message as a client with permessage-deflate does.
inline std::string deflate_message(std::string_view plain) {
  z_stream z{};
  REQUIRE(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string compressed(deflateBound(&z, plain.size()) + 16, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(compressed.data());
  z.avail_out = static_cast<uInt>(compressed.size());
  REQUIRE(deflate(&z, Z_SYNC_FLUSH) == Z_OK);
  compressed.erase(compressed.size() - z.avail_out - 4);
  deflateEnd(&z);
  return compressed;
}

} // namespace hubbub::test
