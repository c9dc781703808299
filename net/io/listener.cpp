#include "net/io/listener.hpp"

#include "net/io/lingering_close.hpp"
#include "net/io/peer_address.hpp"
#include "net/log/log.hpp"

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

// Maximum number of refused clients in a second that get the time to read why; a flood is not
// worth more.
constexpr double lingering_a_second = 500;
// Pause without free descriptors, in which every attempt would fail at once.
constexpr std::chrono::milliseconds pause_without_descriptors{100};

/// Returns the addresses to listen at. If `host` stands for all addresses, they are
/// alternatives: the first family that exists is used.
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
  // `::` accepts IPv4 too.
  if (!ec && at.protocol() == tcp::v6())
    acceptor.set_option(asio::ip::v6_only(!at.address().is_unspecified()), ec);
  if (!ec) acceptor.bind(at, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  return ec;
}

/// Has the sockets that are accepted send what they are given without waiting for more. Linux
/// gives them the options of the socket that listens, so none has to be asked by itself.
template <class Acceptor>
void send_at_once(Acceptor& acceptor) {
  error_state ignored;
  acceptor.set_option(tcp::no_delay(true), ignored);
}

std::string why_not_listening(error_state ec, const std::string& host, std::uint16_t port) {
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

listener::listener(const std::vector<io_thread*>& threads, census& counter,
                   accept_handler on_accept)
    : threads_(threads), census_(&counter), on_accept_(std::move(on_accept)),
      accepts_(static_cast<double>(threads.front()->config().bounds.max_accept_rate)),
      lingers_(lingering_a_second),
      refusing_(threads.front()->config().tls_cert.empty() ? refusing::in_words
                                                           : refusing::silently) {}

expected<void, std::string> listener::open(const server_config& config) {
  expected<void, std::string> done;
  for (const auto descriptor : config.inherited)
    if (done) done = adopt(descriptor, config.owns_inherited);
  if (!config.inherited.empty()) return done;
  if (config.listen.empty()) return open_tcp({config.host, config.port});
  for (const auto& place : config.listen) {
    if (!done) break;
    if (const auto* const file = std::get_if<unix_place>(&place))
      done = open_unix(*file, config.socket_mode);
    else
      done = open_tcp(std::get<tcp_place>(place));
  }
  return done;
}

expected<void, std::string> listener::open_for_nodes(const tcp_place& place) {
  is_for_nodes_ = true;
  refusing_ = refusing::in_words; // they speak plain HTTP
  if (open_tcp(place)) return {};
  return unexpected("cannot listen for other nodes at node_listen " +
                    to_string(listen_place{place}) +
                    ": the port is in use or needs more rights, or the address is none of this "
                    "machine's");
}

void listener::add_door(const listen_place& place, int descriptor, socket_file file) {
  // No client of a socket in the file system speaks TLS.
  const bool is_local = std::holds_alternative<unix_place>(place);
  auto& made = doors_.emplace_back(threads_.front()->context(),
                                   is_local ? refusing::in_words : refusing_);
  // To Asio a socket is a socket: the protocol matters only to those that it opens itself.
  made.accepting.assign(tcp::v6(), descriptor);
  if (!is_local) send_at_once(made.accepting);
  made.file = std::move(file);
  places_.push_back(place);
}

expected<void, std::string> listener::open_unix(const unix_place& place, mode_t mode) {
  auto made = listen_at(place, mode);
  if (!made) return unexpected(std::move(made.error()));
  add_door(place, made->descriptor, std::move(made->file));
  return {};
}

expected<void, std::string> listener::adopt(int descriptor, bool owns_file) {
  const auto place = place_of_listening(descriptor);
  if (!place) return unexpected(place.error());
  const auto* const local = std::get_if<unix_place>(&*place);
  add_door(*place, descriptor,
           local != nullptr && owns_file ? socket_file{local->path} : socket_file{});
  return {};
}

expected<void, std::string> listener::open_tcp(const tcp_place& place) {
  const auto& [host, wanted] = place;
  auto port = wanted;
  auto& io = threads_.front()->context();
  error_state ec;
  const auto endpoints = endpoints_of(io, host, port, ec);
  if (ec || endpoints.empty())
    return unexpected("--host " + host + " is not an address of this machine");

  bool any = false;
  for (auto at : endpoints) {
    at.port(port); // all addresses share the port that the first one was given
    auto& made = doors_.emplace_back(io, refusing_);
    ec = listen_at(made.accepting, at);
    if (!ec) {
      any = true;
      send_at_once(made.accepting);
      port = made.accepting.local_endpoint(ec).port();
      if (host.empty()) break;
      continue;
    }
    doors_.pop_back();
    // A family that is disabled is skipped; a port in use would stay in use.
    if (ec == asio::error::address_in_use) break;
  }
  if (!any || ec == asio::error::address_in_use) {
    const auto& for_nodes = threads_.front()->config().node_listen; // it was opened before
    if (ec == asio::error::address_in_use && !is_for_nodes_ && for_nodes &&
        overlap(place, *for_nodes))
      return unexpected("port " + std::to_string(port) +
                        " is that of node_listen, too: give node_listen a port of its own, for "
                        "the other servers alone");
    return unexpected(why_not_listening(ec, host, port));
  }
  places_.push_back(tcp_place{host, port});
  return {};
}

std::uint16_t listener::port() const {
  const auto found = std::ranges::find_if_not(places_, is_local);
  return found == places_.end() ? std::uint16_t{0} : std::get<tcp_place>(*found).port;
}

std::string listener::url(bool is_secure) const {
  std::string all;
  for (const auto& place : places_)
    all.append(all.empty() ? "" : ", ").append(url_of(place, is_secure));
  return all;
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
  // A socket that was accepted just before the listener was closed is served.
  if (!at.accepting.is_open() && ec) return;
  if (ec == asio::error::no_descriptors || ec == asio::error::no_memory ||
      ec == asio::error::no_buffer_space) {
    on_full(at);
    return;
  }
  if (!ec) {
    auto [permit, refused] = admit(socket);
    if (refused)
      shed(at, index, std::move(socket), *refused);
    else
      let_in(index, std::move(socket), std::move(permit));
  }
  if (at.accepting.is_open()) do_accept(at);
}

void listener::let_in(std::size_t index, io_socket socket, census::permit permit) {
  asio::post(threads_[index]->context(),
             [this, index, accepted = std::move(socket), permit = std::move(permit)]() mutable {
               on_accept_(index, std::move(accepted), std::move(permit));
             });
}

census::admission listener::admit(const io_socket& socket) {
  if (!is_for_nodes_ && !accepts_.take(std::chrono::steady_clock::now()))
    return {{}, refused_for::rate};
  const auto& home = *threads_.front();
  if (home.short_of_memory()) return {{}, refused_for::memory};
  const auto peer = peer_address(socket);
  const auto is_proxy =
      std::ranges::any_of(home.config().trusted_proxies,
                          [&peer](const address_block& block) { return block.contains(peer); });
  return census_->admit(peer, is_proxy);
}

void listener::shed(const door& at, std::size_t index, io_socket socket, refused_for why) {
  count(why);
  if (logs(log_event::connection_refused))
    log(log_event::connection_refused, "a connection was refused",
        {{"reason", to_string(why)}, {"client", to_string(peer_address(socket))}});
  if (at.refuses == refusing::silently) return;
  write_refusal(socket.native_handle(), why);
  if (is_for_nodes_) return; // a node needs no reason, and nobody else is worth a descriptor
  if (!lingers_.take(std::chrono::steady_clock::now())) return;
  asio::post(threads_[index]->context(),
             [thread = threads_[index], refused = std::move(socket)]() mutable {
               close_lingering(*thread, io_stream{std::move(refused)}, {});
             });
}

/// Handles the lack of free descriptors: waiting connections are refused, with the help of the
/// spare one.
void listener::on_full(door& at) {
  const auto [refused, restored] =
      spare_.refuse_waiting(at.accepting.native_handle(), at.refuses);
  count(refused_for::descriptors, static_cast<std::uint64_t>(refused));
  log(log_event::connection_refused, "connections were refused, since no descriptor is free",
      {{"reason", to_string(refused_for::descriptors)},
       {"connections", static_cast<std::uint64_t>(refused)}});
  // If none could be refused, the cause is another one, or another thread was faster.
  if (refused > 0 && restored)
    do_accept(at);
  else
    do_pause(at);
}

void listener::count(refused_for why, std::uint64_t times) {
  threads_.front()->stats().refused.at(static_cast<std::size_t>(why)) += times;
}

void listener::do_pause(door& at) {
  at.pause.expires_after(pause_without_descriptors);
  at.pause.async_wait([this, &at](error_state ec) {
    if (!ec && at.accepting.is_open()) do_accept(at);
  });
}

std::vector<int> listener::descriptors() {
  std::vector<int> all;
  for (auto& each : doors_)
    all.push_back(each.accepting.native_handle());
  return all;
}

void listener::keep_files() {
  for (auto& each : doors_)
    each.file.keep();
}

void listener::close() {
  for (auto& each : doors_) {
    error_state ignored;
    each.accepting.close(ignored);
    each.file = {};
    each.pause.cancel();
  }
}

} // namespace hubbub
