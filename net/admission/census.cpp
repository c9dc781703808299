#include "net/admission/census.hpp"

#include <boost/asio/dispatch.hpp>

#include <algorithm>

namespace hubbub {
namespace {

// Descriptors kept for the database, its readers, listeners, timers and pages.
constexpr std::size_t descriptors_kept = 64;

} // namespace

census_limits census_limits::of(const connection_bounds& bounds, std::size_t descriptors) {
  census_limits limits{bounds.max_connections, bounds.max_connections_per_address};
  if (limits.in_all == 0)
    limits.in_all = descriptors - std::min(descriptors / 2, descriptors_kept);
  if (limits.per_address == 0) limits.per_address = limits.in_all;
  return limits;
}

census::admission census::admit(const client_address& peer, bool exempt) {
  if (sockets_ >= limits_.in_all) return {{}, refused_for::connections};
  auto& at = entry_of(exempt ? client_address{} : limit_key(peer));
  if (!exempt && at.sockets >= limits_.per_address) {
    forget_if_empty(at);
    return {{}, refused_for::address};
  }
  ++at.sockets;
  ++sockets_;
  return {permit{at}, {}};
}

std::optional<refused_for> census::on_session_opened(const client_address& client) {
  auto& at = entry_of(limit_key(client));
  ++at.sessions;
  ++sessions_;
  if (sessions_ > limits_.in_all) return refused_for::connections;
  if (at.sessions > limits_.per_address) return refused_for::address;
  return {};
}

void census::on_session_closed(const client_address& client) {
  auto& at = entry_of(limit_key(client));
  if (at.sessions > 0) {
    --at.sessions;
    --sessions_;
  }
  forget_if_empty(at);
}

census::entry& census::entry_of(const client_address& client) {
  const auto [found, is_new] = entries_.try_emplace(client);
  auto& at = found->second;
  // Written only once, since other threads read it when one of their permits ends.
  if (is_new) {
    at.counter = this;
    at.key = client;
  }
  return at;
}

void census::on_permit_ended(entry& from) {
  if (closed_) return;
  boost::asio::dispatch(*home_, [this, at = &from] {
    --at->sockets;
    --sockets_;
    forget_if_empty(*at);
  });
}

void census::forget_if_empty(const entry& which) {
  if (which.sockets > 0 || which.sessions > 0) return;
  const auto key = which.key;
  entries_.erase(key);
}

} // namespace hubbub
