#pragma once

#include "net/admission/connection_bounds.hpp"
#include "net/admission/refused_for.hpp"
#include "proto/access/client_address.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

namespace hubbub {

/// How many sockets, and how many Engine.IO sessions, may be open; both are counted separately.
struct census_limits {
  std::size_t in_all = 0;
  std::size_t per_address = 0;

  /// Returns the limits of a process that may open so many descriptors.
  [[nodiscard]] static census_limits of(const connection_bounds& bounds,
                                        std::size_t descriptors);
};

/// Counts open sockets and sessions, in total and by the address of their client (`limit_key`).
/// Lives on one io thread, where everything is counted. What ends on another thread is reported
/// by a message, so a count may be late, but is never too low.
class census {
  struct entry {
    census* counter = nullptr;
    client_address key;
    std::size_t sockets = 0;
    std::size_t sessions = 0;
  };

 public:
  /// The permit of one open socket, which is counted as long as this lives, whichever thread it
  /// dies on.
  class permit {
   public:
    permit() = default; ///< an empty permit, which counts nothing
   private:
    friend class census;
    struct giver {
      void operator()(entry* from) const { from->counter->on_permit_ended(*from); }
    };
    explicit permit(entry& at) : at_(&at) {}
    std::unique_ptr<entry, giver> at_;
  };

  census(boost::asio::io_context& home, const census_limits& limits)
      : home_(&home), limits_(limits) {}
  census(const census&) = delete;
  census& operator=(const census&) = delete;

  /// Admits one more socket, or says why it is refused. A proxy is `exempt`, since it stands
  /// for many clients: it counts only in total.
  struct admission {
    permit granted;
    std::optional<refused_for> refused;
  };
  [[nodiscard]] admission admit(const client_address& peer, bool exempt);

  /// Counts a session that this client opened. It is counted even if it is one too many; then
  /// it returns why the session must be closed.
  [[nodiscard]] std::optional<refused_for> on_session_opened(const client_address& client);
  void on_session_closed(const client_address& client);

  [[nodiscard]] std::size_t sockets() const { return sockets_; }
  [[nodiscard]] std::size_t sessions() const { return sessions_; }
  /// Returns how many addresses have anything open.
  [[nodiscard]] std::size_t addresses() const { return entries_.size(); }

  /// Says that all io threads have ended: what ends from now on is not counted.
  void close() { closed_ = true; }

 private:
  entry& entry_of(const client_address& client);
  void on_permit_ended(entry& from);
  void forget_if_empty(const entry& which);

  boost::asio::io_context* home_;
  census_limits limits_;
  /// A map whose entries stay where they are.
  std::unordered_map<client_address, entry> entries_;
  std::size_t sockets_ = 0;
  std::size_t sessions_ = 0;
  bool closed_ = false;
};

} // namespace hubbub
