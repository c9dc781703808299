#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub::bench {

inline constexpr int http_ok = 200;

/// Reads HTTP/1 responses one after the other: with a length, in chunks, or until the
/// end of the connection.
class http_reader {
 public:
  enum class state : std::uint8_t { unfinished, finished, broken };

  /// Takes received bytes. After a finished response call `reset` before the next one.
  state feed(std::string_view bytes);
  /// Says that the connection has ended, which finishes a response without a length.
  state end();
  void reset();

  [[nodiscard]] bool has_begun() const { return !bytes_.empty() || has_head_; }
  [[nodiscard]] int status() const { return status_; }
  /// True if the connection can take another request after this response.
  [[nodiscard]] bool stays_open() const { return stays_open_; }
  [[nodiscard]] std::string_view body() const { return body_; }

 private:
  enum class framing : std::uint8_t { length, chunks, until_end };

  state read_head();
  bool read_field(std::string_view line);
  state read_body();
  state read_chunks();

  std::string bytes_; ///< received bytes that are not in `body_` yet
  std::string body_;
  bool has_head_ = false;
  bool stays_open_ = true;
  framing framing_ = framing::until_end;
  std::size_t length_ = 0;
  int status_ = 0;
};

} // namespace hubbub::bench
