#include "net/listener.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <utility>

namespace hubbub {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using error_state = boost::system::error_code;

// Without free descriptors every attempt would fail at once.
constexpr std::chrono::milliseconds pause_without_descriptors{100};

std::vector<tcp::endpoint> endpoints_of(asio::io_context& io, const std::string& host,
                                        std::uint16_t port, error_state& ec) {
  if (host.empty()) return {{tcp::v6(), port}, {tcp::v4(), port}};
  std::vector<tcp::endpoint> found;
  tcp::resolver resolver{io};
  for (const auto& entry : resolver.resolve(host, std::to_string(port), ec))
    found.push_back(entry.endpoint());
  return found;
}

template <class Acceptor>
error_state listen_at(Acceptor& acceptor, const tcp::endpoint& at, bool dual_stack) {
  error_state ec;
  acceptor.open(at.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec && dual_stack && at.protocol() == tcp::v6())
    acceptor.set_option(asio::ip::v6_only(false), ec);
  if (!ec) acceptor.bind(at, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) {
    error_state ignored;
    acceptor.close(ignored);
  }
  return ec;
}

std::string sentence(error_state ec, const std::string& host, std::uint16_t port) {
  const auto where = "port " + std::to_string(port) + (host.empty() ? "" : " of " + host);
  if (ec == asio::error::address_in_use)
    return where + " is already in use: stop the program that has it or choose another --port";
  if (ec == asio::error::access_denied)
    return where + " may not be used by this user: choose a --port from 1024 on";
  return "cannot listen on " + where + ": " + ec.message() + "; see --host and --port";
}

} // namespace

listener::listener(const std::vector<io_thread*>& threads, accept_handler on_accept)
    : threads_(threads), on_accept_(std::move(on_accept)),
      acceptor_(threads.front()->context()), pause_(threads.front()->context()) {}

expected<void, std::string> listener::open(const std::string& host, std::uint16_t port) {
  error_state ec;
  const auto endpoints = endpoints_of(threads_.front()->context(), host, port, ec);
  if (ec || endpoints.empty())
    return unexpected("--host " + host + " is not an address of this machine");

  for (const auto& at : endpoints) {
    ec = listen_at(acceptor_, at, host.empty());
    // The next one only where the family is off: a port in use stays in use.
    if (!ec || ec == asio::error::address_in_use) break;
  }
  if (ec) return unexpected(sentence(ec, host, port));
  port_ = acceptor_.local_endpoint(ec).port();
  return {};
}

void listener::do_accept() {
  const auto index = next_++ % threads_.size();
  acceptor_.async_accept(threads_[index]->context(),
                         [this, index](error_state ec, io_socket socket) {
                           on_accept(ec, index, std::move(socket));
                         });
}

void listener::on_accept(error_state ec, std::size_t index, io_socket socket) {
  if (!acceptor_.is_open()) return;
  if (ec == asio::error::no_descriptors || ec == asio::error::no_memory ||
      ec == asio::error::no_buffer_space) {
    do_pause();
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
  do_accept();
}

void listener::do_pause() {
  pause_.expires_after(pause_without_descriptors);
  pause_.async_wait([this](error_state ec) {
    if (!ec && acceptor_.is_open()) do_accept();
  });
}

void listener::close() {
  error_state ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

} // namespace hubbub
