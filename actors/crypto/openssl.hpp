#pragma once

#include <cstdlib>
#include <string_view>

namespace hubbub::crypto {

/// Ends the process unless `done`. The digests used here fail only without memory, or if the
/// algorithm was left out of OpenSSL; nothing could be trusted after that.
inline void must(bool done) {
  if (!done) std::abort();
}

/// Returns the bytes of a text, as OpenSSL takes them.
inline const unsigned char* unsigned_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace hubbub::crypto
