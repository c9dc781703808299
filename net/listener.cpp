#include "net/listener.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace hubbub {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using error_state = boost::system::error_code;

// Without free descriptors every attempt would fail at once.
constexpr std::chrono::milliseconds pause_without_descriptors{100};

/// Where to listen; of several families of all addresses, the first that there is.
std::vector<tcp::endpoint> endpoints_of(asio::io_context& io, const std::string& host,
                                        std::uint16_t port, error_state& ec) {
  if (host.empty()) return {{tcp::v6(), port}, {tcp::v4(), port}};
  std::vector<tcp::endpoint> found;
  tcp::resolver resolver{io};
  for (const auto& entry : resolver.resolve(host, std::to_string(port), ec)) {
    if (std::ranges::find(found, entry.endpoint()) == found.end())
      found.push_back(entry.endpoint());
  }
  return found;
}

template <class Acceptor>
error_state listen_at(Acceptor& acceptor, const tcp::endpoint& at) {
  error_state ec;
  acceptor.open(at.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  // `::` takes IPv4 too.
  if (!ec && at.protocol() == tcp::v6())
    acceptor.set_option(asio::ip::v6_only(!at.address().is_unspecified()), ec);
  if (!ec) acceptor.bind(at, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  return ec;
}

std::string sentence(error_state ec, const std::string& host, std::uint16_t port) {
  const auto where = "port " + std::to_string(port) + (host.empty() ? "" : " of " + host);
  if (ec == asio::error::address_in_use)
    return where + " is already in use: stop the program that has it or choose another --port";
  if (ec == asio::error::access_denied)
    return where + " may not be used by this user: choose a --port from 1024 on";
  if (ec == error_state{EADDRNOTAVAIL, boost::system::system_category()})
    return "--host " + host + " is not an address of this machine";
  return "cannot listen on " + where + ": " + ec.message() + "; see --host and --port";
}

} // namespace

listener::listener(const std::vector<io_thread*>& threads, accept_handler on_accept)
    : threads_(threads), on_accept_(std::move(on_accept)) {}

expected<void, std::string> listener::open(const std::string& host, std::uint16_t port) {
  auto& io = threads_.front()->context();
  error_state ec;
  const auto endpoints = endpoints_of(io, host, port, ec);
  if (ec || endpoints.empty())
    return unexpected("--host " + host + " is not an address of this machine");

  port_ = port;
  for (auto at : endpoints) {
    at.port(port_); // all addresses share the port that the first was given
    auto& made = doors_.emplace_back(io);
    ec = listen_at(made.accepting, at);
    if (!ec) {
      port_ = made.accepting.local_endpoint(ec).port();
      if (host.empty()) break;
      continue;
    }
    doors_.pop_back();
    // A family that is off is passed over; a port in use stays in use.
    if (ec == asio::error::address_in_use) break;
  }
  if (doors_.empty() || ec == asio::error::address_in_use)
    return unexpected(sentence(ec, host, port));
  return {};
}

void listener::start() {
  for (auto& each : doors_)
    do_accept(each);
}

void listener::do_accept(door& at) {
  const auto index = next_++ % threads_.size();
  at.accepting.async_accept(threads_[index]->context(),
                            [this, &at, index](error_state ec, io_socket socket) {
                              on_accept(at, ec, index, std::move(socket));
                            });
}

void listener::on_accept(door& at, error_state ec, std::size_t index, io_socket socket) {
  if (!at.accepting.is_open()) return;
  if (ec == asio::error::no_descriptors || ec == asio::error::no_memory ||
      ec == asio::error::no_buffer_space) {
    do_pause(at);
    return;
  }
  if (!ec) {
    error_state ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    asio::post(threads_[index]->context(),
               [this, index, accepted = std::move(socket)]() mutable {
                 on_accept_(index, std::move(accepted));
               });
  }
  do_accept(at);
}

void listener::do_pause(door& at) {
  at.pause.expires_after(pause_without_descriptors);
  at.pause.async_wait([this, &at](error_state ec) {
    if (!ec && at.accepting.is_open()) do_accept(at);
  });
}

void listener::close() {
  for (auto& each : doors_) {
    error_state ignored;
    each.accepting.close(ignored);
    each.pause.cancel();
  }
}

} // namespace hubbub
