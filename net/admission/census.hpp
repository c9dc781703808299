#pragma once

#include "net/admission/refused_for.hpp"
#include "proto/access/client_address.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

namespace hubbub {

/// How many may be open: sockets and Engine.IO sessions are counted apart, each up to this.
struct census_limits {
  std::size_t in_all = 0;
  std::size_t per_address = 0;
};

/// Counts open sockets and sessions, in all and by the address of their client (`limit_key`).
/// Lives on one io thread, where all is counted; what ends on another is told by a message, so
/// that a count may be late, and is never too low.
class census {
  struct entry {
    census* book = nullptr;
    client_address key;
    std::size_t sockets = 0;
    std::size_t sessions = 0;
  };

 public:
  /// The place of one open socket: counted while it lives, whichever thread it dies on.
  class seat {
   public:
    seat() = default; ///< of nobody
   private:
    friend class census;
    struct giver {
      void operator()(entry* from) const { from->book->on_seat_left(*from); }
    };
    explicit seat(entry& at) : at_(&at) {}
    std::unique_ptr<entry, giver> at_;
  };

  census(boost::asio::io_context& home, const census_limits& limits)
      : home_(&home), limits_(limits) {}
  census(const census&) = delete;
  census& operator=(const census&) = delete;

  /// A place for one more socket, or why there is none. `exempt`: a proxy, which stands for
  /// many clients, is only counted in all.
  struct admission {
    seat place;
    std::optional<refused_for> refused;
  };
  [[nodiscard]] admission admit(const client_address& peer, bool exempt);

  /// A session was opened, by this client. It is counted, also where there is one too many:
  /// then it is to be closed.
  [[nodiscard]] std::optional<refused_for> on_session_opened(const client_address& client);
  void on_session_closed(const client_address& client);

  [[nodiscard]] std::size_t sockets() const { return sockets_; }
  [[nodiscard]] std::size_t sessions() const { return sessions_; }
  /// Addresses that have anything open.
  [[nodiscard]] std::size_t addresses() const { return entries_.size(); }

  /// All io threads have ended: what dies from now on is not counted.
  void close() { closed_ = true; }

 private:
  entry& entry_of(const client_address& client);
  void on_seat_left(entry& from);
  void forget_if_empty(const entry& which);

  boost::asio::io_context* home_;
  census_limits limits_;
  std::unordered_map<client_address, entry> entries_; ///< which stay where they are
  std::size_t sockets_ = 0;
  std::size_t sessions_ = 0;
  bool closed_ = false;
};

} // namespace hubbub
