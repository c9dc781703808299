#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace hubbub {

/// Signatures of eight bytes with a secret of sixteen (SipHash-2-4). Use by one thread at a
/// time.
class short_mac {
 public:
  using signature = std::array<std::uint8_t, 8>;

  explicit short_mac(std::span<const std::uint8_t, 16> secret);
  ~short_mac();
  short_mac(short_mac&&) noexcept;
  short_mac& operator=(short_mac&&) noexcept;

  /// Signs `context`, followed by `text`. The context has one length, or ends in a character
  /// that it has nowhere else, so that no two pairs are the same bytes.
  [[nodiscard]] signature sign(std::string_view context, std::string_view text);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace hubbub
