#pragma once

#include "net/io/io_thread.hpp"
#include "net/io/tls_context.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

namespace hubbub {

/// How long before its end the log speaks of a certificate.
inline constexpr std::chrono::hours certificate_warning{14 * 24};

/// Returns how many whole days a certificate is valid for, if that must be told; negative once
/// it has ended.
[[nodiscard]] std::optional<std::int64_t>
days_to_tell(std::chrono::system_clock::time_point ends,
             std::chrono::system_clock::time_point now);

/// Tells the log once a day that the certificate in use ends soon. Lives on one io thread.
class certificate_watch final : private timed {
 public:
  /// Returns the certificates in use.
  using source = std::function<tls_context_ptr()>;
  certificate_watch(io_thread& home, source in_use)
      : home_(&home), in_use_(std::move(in_use)) {}

  /// Looks now, and from then on once a day. Call again for another certificate.
  void start();
  void stop();

 private:
  void on_time(steady_time now) override;

  io_thread* home_;
  source in_use_;
};

/// Tells the log if an authority has revoked one of the certificates.
void log_revoked(const tls_context& context);

} // namespace hubbub
