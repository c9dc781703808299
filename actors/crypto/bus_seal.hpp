#pragma once

#include "actors/crypto/recovery_seal.hpp"
#include "actors/crypto/short_mac.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

/// Signs and checks what goes over the bus between nodes (SipHash-2-4, 64 bits) with the secret
/// of their database, so that whoever else can write to the bus cannot speak for a node. Use by
/// one thread at a time.
class bus_seal {
 public:
  explicit bus_seal(const recovery_secret& secret);

  /// Returns a name for the database that tells nothing of its secret: 16 hexadecimal digits.
  /// It keeps apart the clusters that share a bus.
  [[nodiscard]] const std::string& cluster() const { return cluster_; }
  /// Returns the text behind its signature of 16 hexadecimal digits.
  [[nodiscard]] std::string close(std::string_view text);
  /// Returns the text without its signature; nothing if that is not of this secret.
  [[nodiscard]] std::optional<std::string_view> open(std::string_view sealed);

 private:
  /// Returns the signature as hexadecimal digits.
  [[nodiscard]] std::string sign(std::string_view purpose, std::string_view text);

  short_mac mac_;
  std::string cluster_;
};

} // namespace hubbub
