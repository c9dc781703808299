#pragma once

#include "actors/limits/limiter.hpp"
#include "actors/room/directory.hpp"
#include "actors/room/room.hpp"
#include "actors/session/connection_counter.hpp"
#include "actors/session/relay.hpp"
#include "actors/store/store_actors.hpp"
#include "actors/store/write_gate.hpp"
#include "net/api/api_service.hpp"
#include "net/api/figure_history.hpp"
#include "net/chat_server.hpp"
#include "persistence/store.hpp"
#include "proto/json/json.hpp"
#include "tests/support/catch.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace hubbub::test {

/// An actor system in which nothing runs by itself and time stands still.
struct deterministic_config : caf::actor_system_config {
  deterministic_config() {
    add_chat_types(*this);
    set("scheduler.policy", caf::atom("testing"));
  }
};

/// The HTTP API over real actors and a store in memory, without threads and sockets.
class api_world {
 public:
  explicit api_world(chat_settings settings = {})
      : api_world(std::move(settings), open_memory()) {}

  /// Makes the API over a store of the test's own.
  api_world(chat_settings settings, std::unique_ptr<store> opened)
      : store_(std::move(opened)), settings_(std::move(settings)) {
    const auto both = system_.spawn<single_store>(store_->writer(), store_->reader());
    actors_.writer = both;
    actors_.readers = {both};
    actors_.searcher = both;
    start();
  }
  /// Makes the API with a reader that is not the store's.
  explicit api_world(const std::function<reader_actor(caf::actor_system&)>& make_reader,
                     chat_settings settings = {})
      : store_(open_memory()), settings_(std::move(settings)) {
    const auto both = system_.spawn<single_store>(store_->writer(), store_->reader());
    actors_.writer = both;
    actors_.readers = {make_reader(system_)};
    actors_.searcher = actors_.readers.front();
    start();
  }
  ~api_world() {
    end(actors_.directory);
    end(actors_.limiter);
    end(actors_.connection_counter);
    end(actors_.writer);
    end(actors_.readers.front());
    end(actors_.searcher);
    end(relay_);
    end(gate_);
    end(trace_);
    end(service_);
    scheduler().run();
  }
  api_world(const api_world&) = delete;
  api_world& operator=(const api_world&) = delete;

  /// Sends a request and runs until nothing is left to do; returns the answer, or nothing if
  /// none came.
  std::optional<http_response> try_ask(http_request request) {
    auto answer = std::make_shared<std::optional<http_response>>();
    api_handler{service_}.handle(std::move(request), [answer](http_response response) {
      REQUIRE_FALSE(answer->has_value());
      *answer = std::move(response);
    });
    scheduler().run();
    last_ = answer;
    return *answer;
  }
  http_response ask(std::string method, std::string path, std::string body = {},
                    query_params query = {}) {
    http_request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.query = std::move(query);
    request.body = std::move(body);
    auto response = try_ask(std::move(request));
    REQUIRE(response);
    return std::move(*response);
  }
  http_response get(std::string path, query_params query = {}) {
    return ask("GET", std::move(path), {}, std::move(query));
  }
  http_response post(std::string path, std::string body) {
    return ask("POST", std::move(path), std::move(body));
  }

  /// Returns how often the host was told to drain the server.
  [[nodiscard]] int drains() const { return drains_; }
  [[nodiscard]] figure_history& history() { return *history_; }
  /// Takes the turn to ask the flight recorder, as a question does that is being answered.
  [[nodiscard]] std::shared_ptr<const std::monostate> take_trace_turn() const {
    return trace_turn_.lock();
  }

  /// Lets every pending timeout pass; returns the answer to the last request, if it has come.
  std::optional<http_response> wait_out() {
    scheduler().trigger_timeouts();
    scheduler().run();
    return *last_;
  }
  /// Replaces the keys that requests are checked with.
  void use(const authenticator_ptr& auth) {
    compat::anon_send(service_, auth);
    scheduler().run();
  }
  [[nodiscard]] std::uint64_t refused(refused_by why) const {
    return actors_.refusals.front()->counts().by_reason[static_cast<std::size_t>(why)];
  }
  /// Ends the writer, as an error in it would.
  void end_writer() {
    caf::anon_send_exit(actors_.writer, caf::exit_reason::kill);
    scheduler().run();
  }
  void begin_stop() {
    compat::anon_send(service_, stop_serving{});
    scheduler().run();
  }

 private:
  static std::unique_ptr<store> open_memory() {
    auto opened = open_store({":memory:", durability::normal, 60'000});
    REQUIRE(opened);
    return std::move(*opened);
  }
  template <class Handle>
  void end(Handle& handle) {
    caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    handle = nullptr;
  }
  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }
  void start() {
    relay_ = system_.spawn<relay>();
    actors_.refusals = {std::make_shared<refusal_counter>()};
    gate_ = system_.spawn<write_gate>(actors_.writer, settings_.writes_per_thread,
                                      actors_.refusals.front());
    actors_.gates = {gate_};
    const auto spawn_room = [this](const room_state& state, const directory_actor& directory) {
      const auto setup = std::make_shared<const room_setup>(room_setup{{relay_},
                                                                       {gate_},
                                                                       actors_.writer,
                                                                       actors_.readers,
                                                                       actors_.searcher,
                                                                       directory,
                                                                       settings_,
                                                                       wall_clock_now,
                                                                       actors_.refusals});
      return room_actor{system_.spawn<room>(setup, state)};
    };
    actors_.directory =
        system_.spawn<directory>(actors_.writer, actors_.readers.front(), spawn_room);
    actors_.limiter = system_.spawn<limiter>(settings_.rates);
    actors_.connection_counter = system_.spawn<connection_counter>(std::size_t{0});
    api_setup shared{actors_, {relay_}, settings_, 1'000'000};
    shared.node = 7;
    shared.drain = [this] { ++drains_; };
    shared.history = history_;
    trace_ = system_.spawn<trace_teller>("/nowhere/trace");
    shared.trace = trace_;
    trace_turn_ = shared.trace_turn;
    const auto setup = std::make_shared<const api_setup>(std::move(shared));
    const auto no_server = [](const std::function<void(const server_stats&)>& done) {
      server_stats stats;
      stats.closed[static_cast<std::size_t>(close_reason::slow_reader)] = 5;
      stats.sessions_open = 3;
      stats.polling_open = 1;
      done(stats);
    };
    service_ = system_.spawn<api_service>(setup, std::size_t{0}, no_server);
    scheduler().run();
  }

  std::unique_ptr<store> store_;
  chat_settings settings_;
  deterministic_config config_;
  caf::actor_system system_{config_};
  chat_actors actors_;
  relay_actor relay_;
  write_gate_actor gate_;
  trace_teller_actor trace_;
  std::weak_ptr<const std::monostate> trace_turn_;
  api_actor service_;
  int drains_ = 0;
  std::shared_ptr<figure_history> history_ = std::make_shared<figure_history>();
  std::shared_ptr<std::optional<http_response>> last_;
};

/// A parsed body of a response.
class body_of {
 public:
  explicit body_of(const http_response& response) {
    auto parsed = json::parse(response.body, 32);
    REQUIRE(parsed);
    document_ = std::move(*parsed);
  }
  [[nodiscard]] json::value operator[](std::string_view name) const {
    return document_.root().find(name);
  }
  [[nodiscard]] json::value root() const { return document_.root(); }

 private:
  json::document document_;
};

inline std::string error_code_of(const http_response& response) {
  const body_of body{response};
  const auto code = body["error"].find("code").string();
  REQUIRE(body["error"].find("message").string().value_or("") != "");
  return std::string{code.value_or("")};
}

inline std::string header_of(const http_response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

} // namespace hubbub::test
