#include "net/chat_server.hpp"

#include "net/api/auth_files.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdint>
#include <utility>

namespace hubbub {
namespace {

/// How long clients have to disconnect.
constexpr std::chrono::seconds disconnect_time{3};
/// How long an actor may take to end; it has nothing left to do.
constexpr std::chrono::seconds ending_time{1};
/// How much longer the store remembers a session than it can be recovered.
constexpr std::chrono::milliseconds remembered{std::chrono::hours{24}};

std::vector<relay_actor> relays_of(const server& s) {
  std::vector<relay_actor> relays;
  for (const auto& thread : s.thread_handles())
    relays.push_back(thread.relay);
  return relays;
}

std::vector<chat_thread> chat_threads_of(const server& s) {
  std::vector<chat_thread> threads;
  for (const auto& thread : s.thread_handles())
    threads.push_back({thread.unit, thread.relay});
  return threads;
}

/// Called on the writer's thread.
void tell_of_log(const log_length& log) {
  constexpr std::uint64_t megabyte = 1'000'000;
  if (log.is_held)
    spdlog::warn("the -wal file beside the database has {} MB and grows: another program keeps "
                 "a transaction on the database open",
                 log.bytes / megabyte);
  else
    spdlog::info("the -wal file beside the database is short again");
}

/// Ends actors and waits until they have ended.
class actor_shutdown {
 public:
  explicit actor_shutdown(caf::actor_system& system) : self_(system) {}

  template <class Handle>
  void watch(const Handle& handle) {
    self_->monitor(handle);
    ++alive_;
  }
  template <class Handle>
  void stop(const Handle& handle) {
    watch(handle);
    caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  }
  void wait() {
    for (bool patient = true; alive_ > 0 && patient;)
      self_->receive([this](const caf::down_msg&) { --alive_; },
                     caf::after(ending_time) >> [&patient] { patient = false; });
  }

 private:
  caf::scoped_actor self_;
  std::size_t alive_ = 0;
};

void warn_of(const std::vector<std::string>& warnings) {
  for (const auto& each : warnings)
    spdlog::warn("{}", each);
}

/// Called on the writer's thread.
void tell_of_search(const search_progress& search) {
  if (search.disk_too_full)
    spdlog::warn("the search is not indexed anew: the disk is too full for a second index "
                 "({} of {} messages are missing in it); the old one stays in use",
                 search.behind, search.of);
  else if (search.building)
    spdlog::info("the search is being indexed anew, {} messages; the old index answers "
                 "meanwhile",
                 search.behind);
  else
    spdlog::info("the search is indexed anew");
}

/// Called on the searcher's thread.
void tell_of_index(const index_event& event) {
  using what = index_event::what;
  switch (event.kind) {
  case what::begun:
    spdlog::info("the search index {} is being built; searches find what it has meanwhile",
                 event.path);
    break;
  case what::complete: spdlog::info("the search index is complete"); break;
  case what::unusable:
    spdlog::warn("the search index {} cannot be used ({}); messages are not affected",
                 event.path,
                 event.why == store_error::full      ? "its disk is full"
                 : event.why == store_error::corrupt ? "it is damaged, and is built anew"
                                                     : "it cannot be read or written");
    break;
  case what::usable: spdlog::info("the search index can be used again"); break;
  }
}

} // namespace

void add_chat_types(caf::actor_system_config& config) {
  compat::add_types<caf::id_block::hubbub>(config);
  compat::add_types<caf::id_block::hubbub_net>(config);
}

chat_system_config::chat_system_config() {
  add_chat_types(*this);
  // Only timeouts run in the scheduler: the chat is pinned to io threads or detached. The
  // policy `stealing` would poll while idle.
#if HUBBUB_CAF_017
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", 1);
#else
  set("caf.scheduler.policy", "sharing");
  set("caf.scheduler.max-threads", 1);
#endif
}

chat_server::chat_server(caf::actor_system& system, const hubbub_config& config)
    : system_(&system), config_(config) {}

chat_server::~chat_server() {
  stop();
}

expected<void, std::string> chat_server::start() {
  // The store remembers a session beyond its window for a while, since a gap tells a client
  // that returns later what it missed.
  config_.store.recovery_window_ms = (config_.chat.recovery_window + remembered).count();
  config_.chat.search = config_.store.search;
  config_.store.on_log = tell_of_log;
  const auto auth = load_authenticator(config_.auth, config_.chat.limits);
  if (!auth) return unexpected(auth.error());
  config_.store.on_search = tell_of_search;
  config_.store.on_index = tell_of_index;
  auto opened = open_store(config_.store);
  if (!opened) return unexpected(std::move(opened.error()));
  store_ = std::move(*opened);
  server_ = std::make_unique<server>(*system_, config_.server);
  for (std::size_t i = 0; i < server_->thread_handles().size(); ++i)
    auth_.push_back(std::make_shared<auth_slot>(auth_slot{auth->authenticator}));
  auto* const store_unit =
      config_.server.own_threads ? nullptr : server_->thread_handles().front().unit;
  actors_ = spawn_chat(*system_, *store_, chat_threads_of(*server_), config_.chat, store_unit);
  auto started = server_->start(application());
  if (started) warn_of(auth->warnings);
  return started;
}

std::string chat_server::url() const {
  return server_->url();
}

void chat_server::reload() {
  if (const auto fresh = load_authenticator(config_.auth, config_.chat.limits)) {
    for (const auto& api : apis_)
      compat::anon_send(api, fresh->authenticator);
    warn_of(fresh->warnings);
    spdlog::info("the keys of tokens and the API keys were read again");
  } else {
    spdlog::error("the old keys stay: {}", fresh.error());
  }
  if (config_.server.tls_cert.empty()) return;
  if (const auto done = server_->reload_tls())
    spdlog::info("the certificate was read again");
  else
    spdlog::error("the certificate in use stays: {}", done.error());
}

server_application chat_server::application() {
  const auto setup = std::make_shared<const api_setup>(api_setup{
      actors_, relays_of(*server_), config_.chat, config_.server.engine.max_payload, auth_});
  server_application app;
  app.on_socket_io = make_chat(actors_, config_.chat, auth_);
  app.http = [this, setup](const io_thread_handle& thread) {
    auto counters = [this, thread](std::function<void(const server_stats&)> done) {
      server_->collect_stats(thread, std::move(done));
    };
    apis_.push_back(system_->spawn<pinned<api_service>>(*thread.unit, setup, thread.index,
                                                        std::move(counters)));
    return std::make_unique<api_handler>(apis_.back());
  };
  return app;
}

void chat_server::announce_stop() {
  for (const auto& api : apis_)
    compat::anon_send(api, stop_serving{});
}

void chat_server::drain() {
  if (!actors_.directory) return;
  announce_stop();
  server_->close_sessions(disconnect_time);
  actor_shutdown ending{*system_};
  ending.watch(actors_.writer);
  for (const auto& gate : actors_.gates)
    ending.watch(gate);
  ending.watch(actors_.directory);
  ending.watch(actors_.recovery);
  ending.watch(actors_.limiter);
  ending.watch(actors_.connection_counter);
  for (const auto& reader : actors_.readers)
    ending.watch(reader);
  ending.watch(actors_.searcher);
  stop_chat(*system_, actors_);
  for (const auto& api : std::exchange(apis_, {}))
    ending.stop(api);
  for (const auto& relay : relays_of(*server_))
    ending.stop(relay);
  ending.wait();
}

void chat_server::stop() {
  if (!server_) return;
  drain();
  server_->stop();
  server_.reset();
  spdlog::debug("the io threads have ended");
}

} // namespace hubbub
