// What a host may bring: its own check of tokens, its own threads, its own store.
#include "include/hubbub/store.hpp"
#include "tests/net/embed/hosted_rooms.hpp"
#include "tests/net/raw_client.hpp"
#include "tests/support/catch.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace hubbub;
using namespace hubbub::test;

namespace {

broker_config with_socket() {
  auto made = hosted_rooms::small();
  made.listen = {"127.0.0.1:0"};
  return made;
}

raw_client::response post_with(std::uint16_t port, const std::string& token) {
  raw_client client{port};
  client.send("POST /messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token +
              "\r\nContent-Length: 34\r\n\r\n" + R"({"room":"lobby","content":"hello"})");
  return client.read_response();
}

caf::expected<token_holder> check(std::string_view token) {
  if (token == "broken") throw std::runtime_error{"no such thing"};
  if (token == "garbled") return make_error(errc::unauthorized, "\xff");
  if (token == "control") return token_holder{.who = {"ann\n", ""}};
  if (token == "old") return token_holder{.who = {"ann", ""}, .expires_at = 1};
  if (token == "reader") return token_holder{.who = {"rob", ""}, .scope = token_scope::read};
  if (token == "elsewhere")
    return token_holder{.who = {"eve", ""}, .rooms = std::vector<std::string>{"other *"}};
  if (token != "ticket") return make_error(errc::unauthorized, "no such ticket");
  return token_holder{.who = {"ann", "Ann"}};
}

/// Passes everything on to another writer, and counts what is committed.
class counting_writer final : public store_writer {
 public:
  counting_writer(std::unique_ptr<store_writer> inner, std::atomic<int>& count)
      : inner_(std::move(inner)), count_(&count) {}

  std::vector<write_outcome> commit(std::span<const write_op> ops, timestamp now) override {
    *count_ += static_cast<int>(ops.size());
    return inner_->commit(ops, now);
  }
  bool purge(timestamp now) override { return inner_->purge(now); }
  void stop_writing() override { inner_->stop_writing(); }

 private:
  std::unique_ptr<store_writer> inner_;
  std::atomic<int>* count_;
};

/// A store of a host that puts something around one of ours.
class counting_store final : public store {
 public:
  explicit counting_store(std::unique_ptr<store> inner) : inner_(std::move(inner)) {}

  std::unique_ptr<store_writer> writer() override {
    return std::make_unique<counting_writer>(inner_->writer(), count);
  }
  std::unique_ptr<store_reader> reader() override { return inner_->reader(); }
  std::unique_ptr<store_upkeep> upkeep() override { return inner_->upkeep(); }
  const std::array<std::uint8_t, 16>& secret() const override { return inner_->secret(); }
  bool single_threaded() const override { return inner_->single_threaded(); }

  std::atomic<int> count{0};

 private:
  std::unique_ptr<store> inner_;
};

} // namespace

TEST_CASE("a host checks tokens itself, and its word is what the bearer may do") {
  auto settings = with_socket();
  settings.check_token = check;
  hosted_rooms host{settings};
  const auto port = host.chat.port();
  const auto stored = post_with(port, "ticket");
  CHECK(stored.status == 201);
  const auto page = host.must(api::history{.room = "lobby"});
  REQUIRE(page.messages.size() == 1);
  CHECK(page.messages[0].author.id == "ann");
  CHECK(page.messages[0].author.name == "Ann");
  const auto refused = post_with(port, "forged");
  CHECK(refused.status == 401);
  CHECK(refused.body.find("no such ticket") != std::string::npos);
  CHECK(post_with(port, "broken").status == 401);
  CHECK(post_with(port, "control").status == 401);
  CHECK(post_with(port, "garbled").body.find("the token is not valid") != std::string::npos);
  CHECK(post_with(port, "old").status == 401);
  CHECK(post_with(port, "reader").status == 403);
  CHECK(post_with(port, "elsewhere").status == 403);
  host.chat.reload(); // the check stays
  CHECK(post_with(port, "ticket").status == 201);
}

TEST_CASE("a check of the host's own and keys of tokens exclude each other") {
  auto settings = with_socket();
  settings.check_token = check;
  settings.jwt_secret = "a secret of at least thirty-two bytes";
  CHECK(code_of(settings.validate()) == errc::bad_config);
}

TEST_CASE("sockets and rooms run on threads that the host has started") {
  std::vector<std::thread> threads;
  std::atomic<int> returned{0};
  auto settings = with_socket();
  settings.io_threads = 2;
  settings.start_thread = [&](std::function<void()> body) {
    threads.emplace_back([&returned, body = std::move(body)] {
      body();
      ++returned;
    });
  };
  {
    hosted_rooms host{settings};
    CHECK(threads.size() == 2);
    CHECK(host.must(api::post{"lobby", {"ann"}, "hello", ""}).seq == 1);
    raw_client client{host.chat.port()};
    client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(client.read_response().status == 200);
    CHECK(returned == 0);
    host.chat.stop();
  }
  for (auto& each : threads)
    each.join();
  CHECK(returned == 2);
}

TEST_CASE("a host that cannot start a thread has no broker, and nothing is left running") {
  for (const bool throws : {true, false}) {
    std::vector<std::thread> threads;
    std::vector<std::function<void()>> late;
    auto settings = with_socket();
    settings.io_threads = 3;
    settings.start_thread = [&](std::function<void()> body) {
      if (threads.empty()) {
        threads.emplace_back(std::move(body));
        return;
      }
      if (!throws) return;
      late.push_back(std::move(body));
      throw std::runtime_error{"no more threads"};
    };
    hosted_rooms::config config;
    caf::actor_system system{config};
    broker chat{system, settings};
    const auto why = chat.start();
    CHECK(code_of(why) == errc::cannot_start);
    CHECK(text_of(why).starts_with("start_thread has thrown"));
    for (auto& each : threads)
      each.join();
    for (const auto& each : late)
      each(); // too late: it does nothing
  }
}

TEST_CASE("a broker stores in the store that its host has brought") {
  auto opened = open_store({.path = ":memory:"});
  REQUIRE(opened);
  const auto own = std::make_shared<counting_store>(*std::move(opened));
  auto settings = hosted_rooms::small();
  settings.own_store = own;
  settings.store = "/nonexistent/folder/chat.db"; // it is not opened
  hosted_rooms host{settings};
  const auto before = own->count.load();
  CHECK(host.must(api::post{"lobby", {"ann"}, "hello", ""}).seq == 1);
  CHECK(own->count > before);
  CHECK(host.must(api::history{.room = "lobby"}).messages.size() == 1);
}
