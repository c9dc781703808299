#pragma once

#include "net/admission/refused_for.hpp"

#include <cstdint>

namespace hubbub {

/// Tells a client that was just accepted to come back later (503 with `Retry-After`), as far as
/// that is possible without waiting. The socket stays open.
void write_refusal(int socket, refused_for why);

/// Whether refused clients can be told. A client that begins with TLS can only be told after a
/// handshake, for which there is no capacity.
enum class refusing : std::uint8_t { in_words, silently };

/// A descriptor that is kept in reserve. Without any free descriptor, a waiting connection
/// could neither be accepted nor refused, and would wake the server again and again.
class spare_descriptor {
 public:
  spare_descriptor() { restore(); }
  ~spare_descriptor();
  spare_descriptor(const spare_descriptor&) = delete;
  spare_descriptor& operator=(const spare_descriptor&) = delete;

  /// The result of refusing with the reserve's help: waiting connections of a listening socket
  /// are accepted, refused and closed, up to a bound. It says how many, and whether the reserve
  /// is available again.
  struct result {
    int refused = 0;
    bool restored = false;
  };
  result refuse_waiting(int listening, refusing how);

 private:
  bool restore();
  void give_up();

  int descriptor_ = -1;
};

} // namespace hubbub
