#include "net/server.hpp"

#include "net/admission/census.hpp"
#include "net/engine/gradual_close.hpp"
#include "net/engine/session_consumer.hpp"
#include "net/front/http_connection.hpp"
#include "net/front/http_router.hpp"
#include "net/front/node_gate.hpp"
#include "net/io/certificate_watch.hpp"
#include "net/io/clock_watch.hpp"
#include "net/io/descriptor_limit.hpp"
#include "net/io/io_thread.hpp"
#include "net/io/listener.hpp"
#include "net/io/memory_watch.hpp"
#include "net/io/peer_address.hpp"
#include "net/io/tls_accept.hpp"
#include "net/io/tls_context.hpp"
#include "net/io/unix_socket.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <future>
#include <optional>
#include <thread>
#include <utility>

namespace hubbub {
namespace {

namespace asio = boost::asio;

// How long `stop` waits for sessions if `close_sessions` was not called.
constexpr std::chrono::milliseconds patience_of_stop{2'000};

/// True if any of the server's sockets is one in the file system.
bool listens_locally(const server_config& config) {
  const auto is_local_socket = [](int descriptor) {
    const auto place = place_of_listening(descriptor);
    return place && is_local(*place);
  };
  return std::ranges::any_of(config.listen, is_local) ||
         std::ranges::any_of(config.inherited, is_local_socket);
}

} // namespace

class server::impl {
 public:
  impl(caf::actor_system& system, const server_config& config) : config_(config) {
    // Who may use a socket in the file system is up to its permissions: a proxy, whose word on
    // its clients' addresses is taken. Without that word all of them would be one client.
    if (listens_locally(config_)) config_.trusted_proxies.push_back({local_peer, 128});
    const auto descriptors = raise_descriptor_limit();
    const auto cores = std::max(1U, std::thread::hardware_concurrency());
    const auto count = config_.io_threads > 0 ? config_.io_threads : cores;
    for (std::size_t i = 0; i < count; ++i) {
      auto& made = threads_.emplace_back(std::make_unique<io_thread>(system, config_, i));
      handles_.push_back(made->handle());
    }
    const auto for_clients = config_.node_listen ? descriptors / 2 : descriptors;
    census_.emplace(context(0), census_limits::of(config_.bounds, for_clients));
    strangers_.emplace(context(0), node_gate::limits_of_strangers(descriptors));
    for (const auto& each : threads_)
      each->count_in(*census_, context(0));
    if (config_.own_threads) run_threads();
  }

  // If stopping itself fails, all that is left is to end the process.
  ~impl() { stop(); } // NOLINT(bugprone-exception-escape)

  [[nodiscard]] const std::vector<io_thread_handle>& thread_handles() const { return handles_; }
  [[nodiscard]] std::uint16_t port() const { return listener_ ? listener_->port() : 0; }
  [[nodiscard]] std::string url() const { return listener_->url(!tls_.empty()); }
  [[nodiscard]] std::vector<int> listening() {
    return listener_ ? listener_->descriptors() : std::vector<int>{};
  }

  void record_in(const std::vector<flight_recorder*>& recorders);
  [[nodiscard]] expected<tcp_place, std::string> open_to_nodes() {
    return gate_.emplace(threads(), *strangers_).open();
  }
  void know_nodes(const std::vector<node_place>& nodes) {
    if (gate_) gate_->know(nodes);
  }
  [[nodiscard]] expected<void, std::string> start(server_application app);
  [[nodiscard]] expected<void, std::string> reload_tls();
  bool run_ready();
  void serve(int descriptor);
  void stop_accepting();
  void everywhere(const thread_act& act);
  void empty(std::chrono::milliseconds time, std::function<void()> done);
  void close_sessions(std::chrono::milliseconds patience);
  void stop();
  void collect_stats(std::size_t home, std::function<void(const server_stats&)> done);
  void look_around(std::size_t home, const thread_look& look, std::function<void()> done) {
    const auto missing = std::make_shared<std::size_t>(threads_.size()); // counted on `home`
    for (std::size_t i = 0; i < threads_.size(); ++i)
      asio::post(context(i), [this, i, home, look, missing, done]() mutable {
        look(i, [this, i](const std::function<void(engine_connection&)>& each) {
          for (const auto* endpoint : routers_[i]->endpoints())
            endpoint->visit(each);
        });
        asio::post(context(home), [missing, done = std::move(done)] { // destroyed there too
          if (--*missing == 0) done();
        });
      });
  }

 private:
  void make_routers(server_application app);
  void on_accept(std::size_t index, io_socket socket, census::permit permit);
  void serve(std::size_t index, io_stream stream, census::permit permit);
  void on_pressure(const memory_watch::look& found);
  void run_threads();
  [[nodiscard]] std::vector<io_thread*> threads() const;
  asio::io_context& context(std::size_t index) { return threads_[index]->context(); }

  struct collection {
    server_stats sum;
    std::size_t missing = 0;
    std::function<void(const server_stats&)> done;
  };

  server_config config_;
  std::optional<census> census_;    ///< lives on the first thread
  std::optional<census> strangers_; ///< the same, of connections at the listener for nodes
  std::vector<std::unique_ptr<io_thread>> threads_;
  std::vector<io_thread_handle> handles_;
  std::vector<std::unique_ptr<http_router>> routers_; ///< one for each io thread
  /// One for each io thread, which alone uses its own; none before `empty`.
  std::vector<std::unique_ptr<gradual_close>> closing_;
  /// One for each io thread, which alone uses its own; empty without TLS.
  std::vector<tls_context_ptr> tls_;
  std::optional<listener> listener_;
  std::optional<node_gate> gate_; ///< none for a server that is alone
  std::optional<memory_watch> watch_;
  std::optional<certificate_watch> certificate_; ///< none without TLS
  std::optional<clock_watch> clock_;
  bool running_ = false; ///< the io threads have been started
  bool sessions_closed_ = false;
  bool stopped_ = false;
};

std::vector<io_thread*> server::impl::threads() const {
  std::vector<io_thread*> all;
  for (const auto& each : threads_)
    all.push_back(each.get());
  return all;
}

void server::impl::make_routers(server_application app) {
  auto setup = std::make_shared<session_setup>();
  setup->config = config_.socket;
  setup->make_application = std::move(app.on_socket_io);

  std::vector<engine_endpoint*> chat;
  std::vector<engine_endpoint*> bare;
  for (const auto& thread : threads_) {
    auto handler = app.http ? app.http(thread->handle()) : nullptr;
    auto& router =
        *routers_.emplace_back(std::make_unique<http_router>(*thread, std::move(handler)));
    chat.push_back(&router.add_endpoint("/socket.io/", session_consumers(setup)));
    if (app.on_engine_io) bare.push_back(&router.add_endpoint("/engine.io/", app.on_engine_io));
  }
  for (auto* endpoint : chat)
    endpoint->join(chat);
  for (auto* endpoint : bare)
    endpoint->join(bare);
  if (gate_) gate_->serve(routers_);
}

void server::impl::record_in(const std::vector<flight_recorder*>& recorders) {
  for (std::size_t i = 0; i < threads_.size(); ++i)
    asio::post(context(i), [thread = threads_[i].get(), recorder = recorders[i]] {
      thread->record_in(recorder);
    });
}

expected<void, std::string> server::impl::start(server_application app) {
  if (std::ranges::any_of(threads_, &io_thread::host_failed,
                          [](const auto& each) -> io_thread& { return *each; }))
    return unexpected(std::string{"start_thread has thrown, or dropped what it was given"});
  if (!config_.tls_cert.empty()) {
    const auto made = tls_context::load(config_.tls_cert, config_.tls_key, config_.tls_ocsp);
    if (!made) return unexpected(made.error());
    log_revoked(**made);
    tls_.assign(threads_.size(), *made);
  }
  listener_.emplace(threads(), *census_,
                    [this](std::size_t index, io_socket socket, census::permit permit) {
                      on_accept(index, std::move(socket), std::move(permit));
                    });
  if (auto opened = config_.listens ? listener_->open(config_) : expected<void, std::string>{};
      !opened) {
    listener_.reset();
    return opened;
  }
  make_routers(std::move(app));
  watch_.emplace(*threads_.front(), config_.bounds.memory_limit, config_.resident_memory,
                 [this](const memory_watch::look& found) { on_pressure(found); });
  if (!tls_.empty()) certificate_.emplace(*threads_.front(), [this] { return tls_.front(); });
  clock_.emplace(*threads_.front());
  asio::post(context(0), [this] {
    if (certificate_) certificate_->start();
    clock_->start();
    watch_->start();
    listener_->start();
    if (gate_) gate_->start();
  });
  return {};
}

void server::impl::on_accept(std::size_t index, io_socket socket, census::permit permit) {
  if (tls_.empty() || peer_address(socket) == local_peer)
    serve(index, io_stream{std::move(socket)}, std::move(permit));
  else
    accept_tls(*threads_[index], tls_[index], std::move(socket), std::move(permit),
               [this, index](io_stream stream, census::permit kept) {
                 serve(index, std::move(stream), std::move(kept));
               });
}

void server::impl::serve(std::size_t index, io_stream stream, census::permit permit) {
  serve_http(*threads_[index], *routers_[index], std::move(stream), std::move(permit));
}

expected<void, std::string> server::impl::reload_tls() {
  if (tls_.empty()) return {};
  auto made = tls_context::load(config_.tls_cert, config_.tls_key, config_.tls_ocsp);
  if (!made) return unexpected(made.error());
  log_revoked(**made);
  for (std::size_t i = 0; i < threads_.size(); ++i)
    asio::post(context(i), [this, i, fresh = *made] {
      tls_[i] = fresh;
      if (i == 0) certificate_->start();
    });
  return {};
}

/// Handles a change of memory pressure, on the first thread.
void server::impl::on_pressure(const memory_watch::look& found) {
  const auto pressure = found.pressure;
  const auto excess = found.resident > found.limit ? found.resident - found.limit : 0;
  if (found.is_news) log_memory(found);
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    asio::post(context(i), [this, i, pressure, share = excess / threads_.size() + 1] {
      threads_[i]->set_short_of_memory(pressure != memory_pressure::none);
      if (pressure != memory_pressure::extreme || i >= routers_.size()) return;
      for (auto* endpoint : routers_[i]->endpoints())
        endpoint->relieve(share);
    });
  }
}

bool server::impl::run_ready() {
  bool any = false;
  for (const auto& thread : threads_)
    any = thread->run_ready() || any;
  return any;
}

void server::impl::serve(int descriptor) {
  asio::post(context(0), [this, descriptor] {
    io_socket socket{context(0), asio::ip::tcp::v4(), descriptor};
    auto [permit, refused] = census_->admit(peer_address(socket), true);
    if (!refused) on_accept(0, std::move(socket), std::move(permit));
  });
}

void server::impl::run_threads() {
  if (std::exchange(running_, true)) return;
  for (const auto& thread : threads_)
    thread->start();
}

void server::impl::stop_accepting() {
  std::promise<void> done;
  asio::post(context(0), [&] {
    if (listener_) listener_->keep_files();
    if (listener_) listener_->close();
    if (gate_) gate_->close();
    done.set_value();
  });
  done.get_future().wait();
}

void server::impl::everywhere(const thread_act& act) {
  std::vector<std::promise<void>> done{threads_.size()};
  for (std::size_t i = 0; i < threads_.size(); ++i)
    asio::post(context(i), [this, i, &act, &done] {
      act(*threads_[i],
          i < routers_.size() ? routers_[i]->endpoints() : std::vector<engine_endpoint*>{});
      done[i].set_value();
    });
  for (auto& each : done)
    each.get_future().wait();
}

void server::impl::empty(std::chrono::milliseconds time, std::function<void()> done) {
  if (!listener_ || !closing_.empty()) return;
  const auto missing = std::make_shared<std::size_t>(threads_.size()); // of the first thread
  const auto finished = [this, missing, done = std::move(done)] {
    asio::post(context(0), [missing, done] {
      if (--*missing == 0) done();
    });
  };
  for (std::size_t i = 0; i < threads_.size(); ++i)
    closing_.push_back(std::make_unique<gradual_close>(*threads_[i], routers_[i]->endpoints()));
  for (std::size_t i = 0; i < threads_.size(); ++i)
    asio::post(context(i),
               [each = closing_[i].get(), time, finished] { each->start(time, finished); });
}

void server::impl::close_sessions(std::chrono::milliseconds patience) {
  run_threads();
  for (const auto& thread : threads_)
    thread->run_dropped();
  if (std::exchange(sessions_closed_, true) || !listener_) return;
  const auto until = std::chrono::steady_clock::now() + patience;

  // The listener goes first, so that no thread is given a socket after it has drained.
  std::promise<void> closed;
  asio::post(context(0), [&] {
    watch_->stop();
    if (certificate_) certificate_->stop();
    clock_->stop();
    listener_->close();
    if (gate_) gate_->close();
    closed.set_value();
  });
  closed.get_future().wait();

  std::vector<std::future<void>> drained;
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    auto promise = std::make_shared<std::promise<void>>();
    drained.push_back(promise->get_future());
    asio::post(context(i), [this, i, promise] {
      threads_[i]->drain([promise] { promise->set_value(); });
      for (auto* endpoint : routers_[i]->endpoints())
        endpoint->close_all(close_reason::shutdown);
    });
  }
  for (auto& each : drained)
    each.wait_until(until);
}

void server::impl::stop() {
  if (std::exchange(stopped_, true)) return;
  close_sessions(patience_of_stop);
  for (const auto& thread : threads_)
    thread->finish();
  for (const auto& thread : threads_)
    thread->join();
  census_->close();
  strangers_->close();
  // Sessions that are left hold sockets of several threads, so all of them go before any
  // thread.
  closing_.clear();
  gate_.reset();
  routers_.clear();
}

void server::impl::collect_stats(std::size_t home,
                                 std::function<void(const server_stats&)> done) {
  auto all = std::make_shared<collection>();
  all->missing = threads_.size();
  all->done = std::move(done);
  for (const auto& each : threads_) {
    asio::post(each->context(), [this, home, all, thread = each.get()] {
      auto part = thread->stats();
      if (thread->handle().index == 0) {
        part.sockets_open = census_->sockets();
        if (!tls_.empty()) part.certificates_revoked = tls_.front()->revoked();
        if (!tls_.empty())
          part.certificate_ends =
              static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                             tls_.front()->ends().time_since_epoch())
                                             .count());
      }
      asio::post(context(home), [all, part] {
        all->sum += part;
        if (--all->missing == 0) all->done(all->sum);
      });
    });
  }
}

server::server(caf::actor_system& system, const server_config& config)
    : impl_(std::make_unique<impl>(system, config)) {}
server::~server() = default;

const std::vector<io_thread_handle>& server::thread_handles() const {
  return impl_->thread_handles();
}
void server::record_in(const std::vector<flight_recorder*>& recorders) {
  impl_->record_in(recorders);
}
expected<tcp_place, std::string> server::open_to_nodes() {
  return impl_->open_to_nodes();
}
void server::know_nodes(const std::vector<node_place>& nodes) {
  impl_->know_nodes(nodes);
}
expected<void, std::string> server::start(server_application app) {
  return impl_->start(std::move(app));
}
expected<void, std::string> server::reload_tls() {
  return impl_->reload_tls();
}
std::uint16_t server::port() const {
  return impl_->port();
}
std::string server::url() const {
  return impl_->url();
}
bool server::run_ready() {
  return impl_->run_ready();
}
void server::serve(int descriptor) {
  impl_->serve(descriptor);
}
std::vector<int> server::listening() {
  return impl_->listening();
}
void server::stop_accepting() {
  impl_->stop_accepting();
}
void server::everywhere(const thread_act& act) {
  impl_->everywhere(act);
}
void server::empty(std::chrono::milliseconds time, std::function<void()> done) {
  impl_->empty(time, std::move(done));
}
void server::close_sessions(std::chrono::milliseconds patience) {
  impl_->close_sessions(patience);
}
void server::stop() {
  impl_->stop();
}
void server::collect_stats(const io_thread_handle& home,
                           std::function<void(const server_stats&)> done) {
  impl_->collect_stats(home.index, std::move(done));
}
void server::look_around(std::size_t home, const thread_look& look,
                         std::function<void()> done) {
  impl_->look_around(home, look, std::move(done));
}

} // namespace hubbub
