#include "net/chat_server.hpp"

#include "actors/crypto/bus_seal.hpp"
#include "actors/crypto/random_id.hpp"
#include "actors/runtime/pinned.hpp"
#include "net/api/admin_ui.hpp"
#include "net/api/auth_files.hpp"
#include "net/api/dismissal.hpp"
#include "net/api/figure_history.hpp"
#include "net/engine/engine_endpoint.hpp"
#include "net/forward/node_url.hpp"
#include "net/io/io_thread.hpp"
#include "net/log/log.hpp"
#include "net/store_log.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <string_view>
#include <thread>
#include <utility>

namespace hubbub {
namespace {

/// How long clients have to disconnect.
constexpr std::chrono::seconds disconnect_time{3};
/// How long an actor may take to end; it has nothing left to do.
constexpr std::chrono::seconds ending_time{1};
/// How much longer the store remembers a session than it can be recovered.
constexpr std::chrono::milliseconds remembered{std::chrono::hours{24}};
/// How long clients that were accepted last, before another process accepts, have to send what
/// they came with.
constexpr std::chrono::milliseconds greeting_time{200};
/// How long the start waits for the node's lease.
constexpr std::chrono::seconds lease_time{3};
/// How long the copying of the store's log may take before that.
constexpr std::chrono::seconds copying_time{10};
/// Where a message stops on its way: session, room, gate, room, relay, socket.
constexpr std::size_t stops_of_a_message = 6;

/// Returns when what was on its way between actors of the io threads has arrived.
void let_messages_pass(server& s) {
  // Each stop is part of the end of a pass, which may be postponed behind a handler of ours.
  for (std::size_t i = 0; i < stops_of_a_message * (io_unit::max_postponed + 1); ++i)
    s.everywhere([](io_thread&, const auto&) {});
}

std::vector<relay_actor> relays_of(const server& s) {
  std::vector<relay_actor> relays;
  for (const auto& thread : s.thread_handles())
    relays.push_back(thread.relay);
  return relays;
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
  /// Waits without a limit.
  void wait_for_all() {
    while (alive_ > 0)
      self_->receive([this](const caf::down_msg&) { --alive_; });
  }

 private:
  caf::scoped_actor self_;
  std::size_t alive_ = 0;
};

/// Draws the number by which this run of the process is told from others of the same node.
std::int64_t new_run() {
  constexpr std::size_t digits_of_a_positive_number = 15;
  return std::stoll(random_id().substr(0, digits_of_a_positive_number), nullptr, 16);
}

/// Makes the bus of this node; null for none. The address was checked with the settings.
std::shared_ptr<bus_setup> make_bus(const hubbub_config& config, const store& opened) {
  const auto address = parse_bus_address(config.bus);
  if (!address || !opened.is_shared()) return nullptr;
  auto line = make_bus_line(*address, config.store.path);
  if (!line) return nullptr;
  auto made = std::make_shared<bus_setup>();
  made->line = std::move(line);
  made->origin = {config.store.node_id, new_run()};
  made->secret = opened.secret();
  made->watch = log_bus;
  return made;
}

/// Makes the bridge of this server; null for none. The address was checked with the settings.
std::shared_ptr<bridge_setup> make_bridge(const hubbub_config& config, const store& opened) {
  const auto address = parse_bridge_address(config.bridge);
  if (!address || address->kind == bus_kind::none) return nullptr;
  auto made = std::make_shared<bridge_setup>();
  made->line = make_bridge_line(*address, !config.bridge_store.empty());
  made->watch = log_bridge();
  made->stored = config.bridge_store;
  made->claim = "hubbub:" + bus_seal{opened.secret()}.cluster() + ":bridge";
  made->own_name = random_id();
  return made;
}

void warn_of(const std::vector<std::string>& warnings) {
  for (const auto& each : warnings)
    log(log_event::key_ignored, each);
}

/// Warns of each file with a secret that every user of the machine may read, and of secrets in
/// a settings file that they may read.
void warn_of_exposed(const hubbub_config& config) {
  const std::initializer_list<std::pair<std::string_view, const std::string&>> secrets{
      {"jwt_secret_file", config.auth.jwt_secret_file},
      {"api_key_file", config.auth.api_key_file},
      {"node_secret_file", config.node_secret_file},
      {"tls_key", config.server.tls_key}};
  for (const auto& [setting, files] : secrets)
    for (const auto& file : exposed_files(files))
      log(log_event::secret_exposed,
          "every user of this machine may read this file with a secret: take that right away "
          "(chmod o-r)",
          {{"setting", setting}, {"file", std::string_view{file}}});
  for (const auto& [setting, file] : config.secrets_in_file)
    if (is_exposed(file))
      log(log_event::secret_exposed,
          "every user of this machine may read the settings, which hold a secret: let only the "
          "server's group read them (chgrp, chmod 640), or put the secret into a file of its "
          "own",
          {{"setting", std::string_view{setting}}, {"file", std::string_view{file}}});
}

} // namespace

void add_chat_types(caf::actor_system_config& config) {
  compat::add_types<caf::id_block::hubbub>(config);
  compat::add_types<caf::id_block::hubbub_net>(config);
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
  config_.server.node = static_cast<std::size_t>(config_.store.node_id);
  config_.store.on_log = log_wal;
  const auto auth = load_authenticator(config_.auth, config_.chat.limits);
  if (!auth) return unexpected(auth.error());
  config_.store.on_search = log_search;
  config_.store.on_index = log_index;
  store_ = config_.own_store;
  if (!store_) {
    auto opened = open_store(config_.store);
    if (!opened) return unexpected(std::move(opened.error()));
    store_ = std::move(*opened);
  }
  if (config_.server.node_listen) {
    auto secret = read_node_secret(config_.node_secret_file);
    if (!secret) return unexpected(secret.error());
    config_.server.node_secret = *std::move(secret);
  }
  server_ = std::make_unique<server>(*system_, config_.server);
  const auto links = link_nodes();
  if (!links) return unexpected(links.error());
  open_recorder();
  for (std::size_t i = 0; i < server_->thread_handles().size(); ++i)
    auth_.push_back(std::make_shared<auth_slot>(auth_slot{auth->authenticator}));
  auto* const store_unit =
      config_.server.own_threads ? nullptr : server_->thread_handles().front().unit;
  const auto desks = open_desks_ ? open_desks_(server_->thread_handles()) : hook_desks{};
  actors_ =
      spawn_chat(*system_, *store_, chat_threads(), config_.chat, store_unit, log_store,
                 make_bus(config_, *store_), desks, *links, make_bridge(config_, *store_));
  if (config_.server.node_listen) await_nodes();
  auto started = server_->start(application());
  if (!started) return started;
  warn_of(auth->warnings);
  warn_of_exposed(config_);
  return started;
}

expected<node_links, std::string> chat_server::link_nodes() {
  node_links links;
  links.on_lease = log_lease;
  links.settings = config_.agreed_settings;
  links.on_settings = [own =
                           config_.agreed_settings](const std::vector<node_settings>& others) {
    log_differences(own, others);
  };
  links.on_dismissed = [this](const std::vector<std::string>& users) {
    const auto counts =
        std::make_shared<std::vector<std::size_t>>(server_->thread_handles().size());
    const auto look = [wanted = dismissed_users{users.begin(), users.end()},
                       counts](std::size_t thread, const session_walk& sessions) {
      counts->at(thread) = dismiss_on_thread(wanted, sessions);
    };
    server_->look_around(0, look, [counts, asked = std::uint64_t{users.size()}] {
      const auto found = std::accumulate(counts->begin(), counts->end(), std::uint64_t{0});
      log(log_event::admin_act, "somebody on call disconnected users on another server",
          {{"act", "disconnect"}, {"users", asked}, {"disconnected", found}});
    });
  };
  if (!config_.server.node_listen) return links;
  const auto place = server_->open_to_nodes();
  if (!place) return unexpected(place.error());
  links.url = config_.node_url.empty() ? node_url_of(*place) : config_.node_url;
  links.on_nodes = [this, is_first = true](const std::vector<node_place>& nodes) mutable {
    server_->know_nodes(nodes);
    if (std::exchange(is_first, false)) nodes_known_.set_value();
  };
  return links;
}

void chat_server::await_nodes() {
  if (nodes_known_.get_future().wait_for(lease_time) == std::future_status::ready) return;
  log(log_event::nodes_unknown,
      "it is not known yet which other servers there are, since PostgreSQL has not answered: "
      "clients are let in all the same, and those with a session on another server are told "
      "that "
      "it is unknown");
}

void chat_server::open_recorder() {
  const auto path = config_.trace_path();
  if (path.empty()) return;
  const auto threads = server_->thread_handles().size();
  auto opened = recorder_file::open(path, threads, config_.trace_bytes);
  if (!opened)
    return log(log_event::trace_unusable,
               "nothing is recorded: " + path + " " + opened.error());
  recorder_ = *std::move(opened);
  if (const auto last = recorder_->of(0).newest(); last && *last != trace_kind::stopped)
    log(log_event::unclean_end,
        "the server before this one did not end in order: it crashed, or was killed; 'hubbub "
        "trace' tells what it did last");
  const auto begun =
      config_.server.is_successor ? trace_change::took_over : trace_change::alone;
  recorder_->of(0).note({.kind = trace_kind::started, .code = static_cast<std::uint8_t>(begun)},
                        {}, {});
  trace_ = system_->spawn<trace_teller, caf::detached>(path);
  std::vector<flight_recorder*> recorders;
  for (std::size_t i = 0; i < threads; ++i)
    recorders.push_back(&recorder_->of(i));
  server_->record_in(recorders);
}

std::vector<chat_thread> chat_server::chat_threads() {
  std::vector<chat_thread> threads;
  for (const auto& thread : server_->thread_handles())
    threads.push_back(
        {thread.unit, thread.relay, recorder_ ? &recorder_->of(thread.index) : nullptr});
  return threads;
}

std::string chat_server::url() const {
  return server_->url();
}

void chat_server::reload() {
  if (const auto fresh = load_authenticator(config_.auth, config_.chat.limits)) {
    for (const auto& api : apis_)
      compat::anon_send(api, fresh->authenticator);
    warn_of(fresh->warnings);
    log(log_event::keys_read, "the keys of tokens and the API keys were read again");
  } else {
    log(log_event::keys_unusable, "the old keys stay: " + fresh.error());
  }
  if (config_.server.tls_cert.empty()) return;
  if (const auto done = server_->reload_tls())
    log(log_event::certificate_read, "the certificate was read again");
  else
    log(log_event::certificate_unusable, "the certificate in use stays: " + done.error());
}

/// Returns for each io thread how it asks for the server's counters.
std::vector<stats_source> chat_server::stats_sources() {
  std::vector<stats_source> all;
  for (std::size_t i = 0; i < server_->thread_handles().size(); ++i)
    all.emplace_back([this, i](std::function<void(const server_stats&)> done) {
      server_->collect_stats(server_->thread_handles()[i], std::move(done));
    });
  return all;
}

server_application chat_server::application() {
  api_setup shared{actors_, relays_of(*server_), config_.chat,
                   config_.server.engine.max_payload, auth_};
  shared.node = config_.store.node_id;
  shared.look = [this](std::size_t home, const thread_look& look, std::function<void()> done) {
    server_->look_around(home, look, std::move(done));
  };
  shared.drain = drain_wanted_;
  shared.trace = trace_;
  shared.history = std::make_shared<figure_history>();
  const auto setup = std::make_shared<const api_setup>(std::move(shared));
  server_application app;
  const auto viewers = std::make_shared<const admin_ui_setup>(
      admin_ui_setup{auth_, stats_sources(), config_.store.node_id});
  auto beside = beside_;
  beside[std::string{on_call_namespace}] = [viewers](const session_context& context) {
    return std::make_unique<admin_ui>(context, viewers);
  };
  app.on_socket_io = make_chat(actors_, config_.chat, auth_, std::move(beside));
  app.http = [this, setup, sources = stats_sources()](const io_thread_handle& thread) {
    apis_.push_back(system_->spawn<pinned<api_service>>(*thread.unit, setup, thread.index,
                                                        sources[thread.index]));
    return std::make_unique<api_handler>(apis_.back());
  };
  return app;
}

void chat_server::announce_stop() {
  if (std::exchange(announced_, true)) return;
  if (!apis_.empty())
    log(log_event::not_ready, "/readyz answers 503: the server is stopping",
        {{"reason", std::string_view{"stopping"}}});
  for (const auto& api : apis_)
    compat::anon_send(api, stop_serving{});
}

std::size_t chat_server::sessions() {
  std::vector<std::size_t> open(server_->thread_handles().size());
  server_->everywhere([&open](io_thread& thread, const auto& endpoints) {
    for (const auto* each : endpoints)
      open[thread.handle().index] += each->sessions();
  });
  return std::accumulate(open.begin(), open.end(), std::size_t{0});
}

std::chrono::steady_clock::time_point chat_server::hand_over() {
  server_->stop_accepting();
  if (actors_.presence) compat::anon_send(actors_.presence, presence_freeze{});
  // What is copied from the log now need not be copied while nobody has the store.
  if (actors_.upkeep) {
    caf::scoped_actor self{*system_};
    compat::request(&*self, actors_.upkeep, copying_time, do_upkeep{})
        .receive([](bool) {}, [](const caf::error&) {});
  }
  std::this_thread::sleep_for(greeting_time);
  server_->everywhere([](io_thread& thread, const auto& endpoints) {
    thread.stop_listening();
    for (auto* each : endpoints)
      each->close_polling(close_reason::shutdown);
    thread.drain([] {});
  });
  // What was taken reaches its room, the writer, and the sockets of those who are told.
  let_messages_pass(*server_);
  // The other process must not have the store while a commit is under way.
  while (!flush_chat(*system_, actors_)) {
  }
  const auto last_commit = std::chrono::steady_clock::now();
  let_messages_pass(*server_);
  server_->everywhere([](io_thread& thread, const auto&) { thread.stop_telling(); });
  end_chat(true);
  store_.reset();
  announced_ = true; // the other process is ready
  leave_recorder();
  return last_commit;
}

void chat_server::leave_recorder() {
  if (!recorder_) return;
  server_->everywhere([this](io_thread& thread, const auto&) {
    if (thread.handle().index != 0) return;
    // Nothing can follow it in the file, since only this thread writes to the ring.
    recorder_->of(0).note({.kind = trace_kind::stopped,
                           .code = static_cast<std::uint8_t>(trace_change::took_over)},
                          {}, {});
    recorder_->release();
  });
}

void chat_server::end_chat(bool however_long_it_takes) {
  if (!actors_.directory) return;
  actor_shutdown guests{*system_};
  for (const auto& guest : std::exchange(guests_, {}))
    guests.stop(guest);
  guests.wait();
  actor_shutdown ending{*system_};
  for_each_actor(actors_, [&ending](const auto& actor) {
    if (actor) ending.watch(actor);
  });
  stop_chat(*system_, actors_);
  if (however_long_it_takes)
    ending.wait_for_all();
  else
    ending.wait();
}

void chat_server::drain() {
  if (!server_ || std::exchange(drained_, true)) return;
  announce_stop();
  if (actors_.presence) compat::anon_send(actors_.presence, presence_freeze{});
  server_->close_sessions(disconnect_time);
  end_chat();
  actor_shutdown ending{*system_};
  for (const auto& api : std::exchange(apis_, {}))
    ending.stop(api);
  if (trace_) ending.stop(std::exchange(trace_, {}));
  for (const auto& relay : relays_of(*server_))
    ending.stop(relay);
  ending.wait();
}

void chat_server::stop() {
  if (!server_) return;
  drain();
  server_->stop();
  if (recorder_) recorder_->of(0).note({.kind = trace_kind::stopped}, {}, {});
  server_.reset();
  log(log_event::threads_ended, "the io threads have ended");
}

} // namespace hubbub
