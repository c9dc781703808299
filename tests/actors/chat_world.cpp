#include "tests/actors/chat_world.hpp"

#include "actors/limits/limiter.hpp"
#include "actors/presence/lease_holder.hpp"
#include "actors/presence/presence_link.hpp"
#include "actors/room/directory.hpp"
#include "actors/room/head_poll.hpp"
#include "actors/room/room.hpp"
#include "actors/room/room_lease.hpp"
#include "actors/session/chat.hpp"
#include "actors/session/connection_counter.hpp"
#include "actors/session/recovery.hpp"
#include "actors/session/relay.hpp"
#include "actors/store/store_actors.hpp"
#include "actors/store/write_gate.hpp"

#include <algorithm>
#include <utility>

namespace hubbub::test {

namespace {

/// Keeps what rooms tell the program around the chat.
class notice_desk : public hook_desk_actor::base {
 public:
  notice_desk(caf::actor_config& config, std::shared_ptr<std::vector<chat_notice>> kept)
      : hook_desk_actor::base(config), kept_(std::move(kept)) {}

  behavior_type make_behavior() override {
    return {[](const message_draft&) { return draft_verdict{std::nullopt}; },
            [](const foreign_event&) { return foreign_answer{std::string{}}; },
            [](const arrival_question&) { return arrival_verdict{access_ptr{}}; },
            [this](const chat_notice& news) { kept_->push_back(news); }};
  }

 private:
  std::shared_ptr<std::vector<chat_notice>> kept_;
};

} // namespace

test_system::test_system() {
  compat::add_types<caf::id_block::hubbub>(config_);
  config_.set("scheduler.policy", caf::atom("testing"));
  system_ = std::make_unique<caf::actor_system>(config_);
}

caf::scheduler::test_coordinator& test_system::scheduler() {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
}

bool test_system::step() {
  auto& jobs = scheduler().jobs;
  const auto next =
      std::ranges::find_if(jobs, [this](caf::resumable* job) { return !held_.contains(job); });
  if (next == jobs.end()) return false;
  std::rotate(jobs.begin(), next, next + 1);
  scheduler().run_once();
  return true;
}

bool test_system::step(std::mt19937_64& random) {
  auto& jobs = scheduler().jobs;
  if (jobs.empty()) return false;
  const auto next = jobs.begin() + static_cast<std::ptrdiff_t>(random() % jobs.size());
  std::iter_swap(jobs.begin(), next);
  return step();
}

void test_system::run() {
  while (step()) {
  }
}

void test_system::advance(std::chrono::milliseconds time) {
  scheduler().advance_time(time);
  run();
}

client::client(session_id id, std::shared_ptr<fake_connection> out, session_actor session,
               test_system& system)
    : id_(id), out_(std::move(out)), session_(std::move(session)), system_(&system) {}

void client::send(std::string_view packet) {
  compat::anon_send(session_, inbound_message{std::string{packet.substr(1)}, false});
}

texts client::ask(std::string_view packet) {
  send(packet);
  system_->run();
  return take();
}

void client::close(close_reason reason) {
  out_->close(reason);
}

chat_world::chat_world(world_options options)
    : shared_(options.shared), own_(shared_ ? nullptr
                                            : open_store({.path = ":memory:",
                                                          .retention = options.retention,
                                                          .max_rooms = options.max_rooms})
                                                  .value()),
      store_(shared_ ? shared_->whole.get() : own_.get()),
      log_(shared_ ? shared_->reader() : store_->reader()) {
  auto& system = actors();
  std::unique_ptr<store_writer> writing;
  if (shared_)
    writing = std::make_unique<node_writer>(shared_);
  else
    writing = store_->writer();
  auto reading = shared_ ? shared_->reader() : store_->reader();
  const auto own_run = std::make_shared<node_run>(0);
  if (options.board)
    reading = std::make_unique<board_reader>(std::move(reading), options.board, own_run);
  if (options.wrap_writer) writing = options.wrap_writer(std::move(writing));
  if (options.wrap_reader) reading = options.wrap_reader(std::move(reading));
  const auto clock = [this] { return wall_time; };
  if (options.air) {
    const auto node = options.air->add_node();
    bus.origin = {node, node};
    bus.actor = system.spawn<fake_bus>(options.air, node);
  }
  if (options.single_store) {
    const auto both = system.spawn<single_store>(std::move(writing), std::move(reading), clock);
    writer = both;
    reader = both;
    searcher = both;
  } else {
    writer = system.spawn<hubbub::writer>(std::move(writing), clock, upkeep_actor{},
                                          store_watch{}, bus);
    reader = system.spawn<hubbub::reader>(std::move(reading), writer);
    searcher = system.spawn<hubbub::reader>(store_->reader(), writer);
  }
  for (std::size_t i = 0; i < options.threads; ++i) {
    relays.push_back(system.spawn<relay>());
    refusals_.push_back(std::make_shared<refusal_counter>());
    gates.push_back(
        system.spawn<write_gate>(writer, options.settings.writes_per_thread, refusals_.back()));
  }
  limiter = system.spawn<hubbub::limiter>(options.settings.rates);
  if (options.board) {
    lease = system.spawn<lease_holder>(
        std::make_unique<board_lease>(options.board, options.board_fault, own_run),
        options.settings.node_lease);
    presence_setup of_node{lease, bus, options.settings.node_lease, options.settings.head_poll,
                           [this] {
                             for (const auto& each : relays)
                               compat::anon_send(each, close_connections{});
                           }};
    of_node.on_nodes = options.on_nodes;
    of_node.on_lease = options.on_lease;
    of_node.on_members = limiter;
    presence = system.spawn<presence_link>(std::move(of_node));
  }
  hook_desks hooks;
  if (options.notices) {
    hooks.desks.push_back(system.spawn<notice_desk>(options.notices));
    hooks.wants_notices = true;
  }
  auto spawn_room = [this, hooks, settings = options.settings](const room_state& state,
                                                               const directory_actor& home) {
    const auto setup =
        std::make_shared<const room_setup>(room_setup{relays,
                                                      gates,
                                                      writer,
                                                      {reader},
                                                      searcher,
                                                      home,
                                                      settings,
                                                      [this] { return wall_time; },
                                                      refusals_,
                                                      shared_ ? reader : reader_actor{},
                                                      bus,
                                                      presence,
                                                      hooks});
    rooms.push_back(actors().spawn<room>(setup, state));
    return rooms.back();
  };
  directory =
      system.spawn<hubbub::directory>(writer, reader, spawn_room, options.settings.lookups,
                                      refusals_.front(), hook_desk_actor{}, shared_ != nullptr);
  recovery = system.spawn<hubbub::recovery>(writer, reader, directory, store_->secret(),
                                            options.settings, clock, refusals_.front());
  if (presence) compat::anon_send(presence, taken_watcher{recovery});
  if (shared_)
    head_poll = system.spawn<hubbub::head_poll>(directory, reader, options.settings.head_poll);
  if (head_poll) bus.send(head_watcher{head_poll});
  if (presence) bus.send(presence_watcher{presence});
  connection_counter =
      system.spawn<hubbub::connection_counter>(options.settings.connections_per_user);
  chat_setup made{{}, options.settings, {}, clock};
  made.actors.directory = directory;
  made.actors.recovery = recovery;
  made.actors.secret = store_->secret();
  made.actors.limiter = limiter;
  made.actors.connection_counter = connection_counter;
  made.actors.refusals = refusals_;
  for (std::size_t i = 0; i < options.threads; ++i) {
    auth_.push_back(std::make_shared<auth_slot>(auth_slot{options.auth}));
    made.actors.accounts.push_back(std::make_shared<rate_accounts>(options.settings.rates));
  }
  made.auth = auth_;
  const auto shared = std::make_shared<const chat_setup>(std::move(made));
  setup_ = std::make_shared<session_setup>();
  setup_->make_application = [shared](const session_context& context) {
    return std::make_unique<chat>(context, shared);
  };
  run();
}

std::uint64_t chat_world::refused(refused_by why) {
  std::uint64_t sum = 0;
  for (const auto& gate : gates)
    sum += ask<refusal_counts>(gate, ask_refusals{}).by_reason[static_cast<std::size_t>(why)];
  return sum;
}

chat_world::~chat_world() {
  const auto end = [](const auto& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::kill);
  };
  release_all();
  for (const auto& each : clients_) {
    each->connection().session = nullptr;
    end(each->session());
  }
  for (const auto& each : rooms)
    end(each);
  for (const auto& each : relays)
    end(each);
  for (const auto& each : gates)
    end(each);
  end(recovery);
  end(limiter);
  end(connection_counter);
  if (head_poll) end(head_poll);
  end(directory);
  end(writer);
  end(reader);
  end(searcher);
  if (presence) end(presence);
  if (lease) end(lease);
  if (bus) end(bus.actor);
  run();
}

client& chat_world::open(std::uint32_t thread, steady_time since) {
  const session_id id{thread, clients_.size() + 1};
  const auto out = std::make_shared<fake_connection>();
  const session_actor actor =
      actors().spawn<session>(id, out, relays.at(thread), setup_, since);
  out->session = actor;
  clients_.push_back(std::make_unique<client>(id, out, actor, *this));
  return *clients_.back();
}

client& chat_world::connect(std::string_view username, std::uint32_t thread) {
  auto& result = open(thread);
  const auto auth =
      username.empty() ? std::string{} : R"({"username":")" + std::string{username} + "\"}";
  const auto answer = result.ask("40" + auth);
  REQUIRE(answer.size() == 1);
  REQUIRE(answer.front().starts_with(R"(40{"sid":")"));
  return result;
}

client& chat_world::member(std::string_view username, std::uint32_t thread) {
  auto& result = connect(username, thread);
  const auto answer = result.ask(R"(420["join_room","lobby"])");
  REQUIRE(any_has(answer, R"(430[{"ok":true)"));
  return result;
}

void chat_world::renew(const authenticator_ptr& auth) {
  for (const auto& slot : auth_)
    slot->current = auth;
}

void chat_world::post(std::string_view name, std::string content) {
  {
    const auto found = ask<resolve_outcome>(directory, resolve_room{std::string{name}, true});
    REQUIRE(found);
    const auto done = ask<call_outcome>((*found)->room(), post_of("bot", std::move(content)));
    REQUIRE(done);
  }
  run(); // the lease has ended
}

std::uint64_t chat_world::rooms_awake() {
  return ask<directory_stats>(directory, ask_directory_stats{}).awake;
}

std::int64_t chat_world::users_in(room_id room) {
  return ask<counts_outcome>(directory, count_members{{room}}).value().front();
}

std::string lobby_message(std::int64_t seq, std::string_view username, std::string_view content,
                          std::string_view client_id) {
  const auto number = std::to_string(seq);
  std::string text = R"({"id":)" + number + R"(,"room_id":1,"room":"lobby","seq":)" + number +
                     R"(,"rev":)" + number;
  text.append(R"(,"user_id":")").append(username);
  text.append(R"(","username":")").append(username);
  text.append(R"(","content":")").append(content).append("\"");
  if (!client_id.empty()) text.append(R"(,"client_id":")").append(client_id).append("\"");
  return text + R"(,"created_at":"2023-11-14T22:13:20.000Z"})";
}

std::string lobby_event(std::int64_t seq, std::string_view username, std::string_view content,
                        std::string_view client_id) {
  return R"(42["new_message",)" + lobby_message(seq, username, content, client_id) + "]";
}

namespace {

std::string about_user(std::string_view event, std::string_view username) {
  std::string text = "42[\"";
  text.append(event).append(R"(",{"room_id":1,"room":"lobby","user_id":")").append(username);
  return text.append(R"(","username":")").append(username).append("\"");
}

} // namespace

std::string joined_lobby(std::string_view username, std::int64_t members_total) {
  return about_user("user_joined", username) + R"(,"members_total":)" +
         std::to_string(members_total) + "}]";
}

std::string left_lobby(std::string_view username, std::string_view reason,
                       std::int64_t members_total) {
  return about_user("user_left", username) + R"(,"members_total":)" +
         std::to_string(members_total) + R"(,"reason":")" + std::string{reason} + "\"}]";
}

std::string typing_in_lobby(std::string_view username, bool is_typing) {
  return about_user("typing", username) + R"(,"is_typing":)" + (is_typing ? "true" : "false") +
         "}]";
}

void say(client& who, const std::string& content) {
  (void)who.ask(R"(420["send_message",{"room":"lobby","content":")" + content + "\"}]");
}

bool any_has(const texts& all, std::string_view part) {
  return std::ranges::any_of(
      all, [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

} // namespace hubbub::test
