#pragma once

#include "net/admission/refused_for.hpp"

#include <cstdint>

namespace hubbub {

/// Tells a client that was just accepted to come back later (503 with `Retry-After`), as far as
/// that takes no waiting. The socket stays open.
void write_refusal(int socket, refused_for why);

/// Whether those who are refused can be told: a client that begins with TLS cannot, as long as
/// nobody has spoken TLS with it, which is what there is no room for.
enum class refusing : std::uint8_t { in_words, silently };

/// A descriptor that is kept in reserve: without one left, a connection that waits to be
/// accepted could neither be taken nor refused, and would wake the server again and again.
class spare_descriptor {
 public:
  spare_descriptor() { restore(); }
  ~spare_descriptor();
  spare_descriptor(const spare_descriptor&) = delete;
  spare_descriptor& operator=(const spare_descriptor&) = delete;

  /// With the reserve's help: accepts what waits at a listening socket, refuses and closes it,
  /// a bounded number. Returns how many that were, and whether the reserve is there again.
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
