#pragma once

#include "actors/crypto/short_mac.hpp"
#include "proto/ids.hpp"
#include "proto/model.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// A recoverable session as the server knows it: it holds the hash of the private id, not the
/// id itself.
struct recovery_identity {
  recovery_id id;                          ///< the session's id in the store
  std::array<std::uint8_t, 32> pid_hash{}; ///< SHA-256 of its private id
};
[[nodiscard]] recovery_identity identity_of(std::string_view pid);

using recovery_secret = std::array<std::uint8_t, 16>;

/// Makes and reads offsets: positions with a signature (SipHash-2-4, 64 bits) for one session,
/// so that a client can neither forge an offset nor use that of another session. Use by one
/// thread at a time.
class recovery_seal {
 public:
  explicit recovery_seal(const recovery_secret& secret);

  /// Signs positions; returns text of the base64 alphabet.
  [[nodiscard]] std::string close(const recovery_identity& session,
                                  const std::vector<room_position>& positions);
  /// Reads an offset; returns nothing unless it was made for this session with this secret.
  [[nodiscard]] std::optional<std::vector<room_position>> open(const recovery_identity& session,
                                                               std::string_view offset);

 private:
  short_mac mac_;
};

} // namespace hubbub
