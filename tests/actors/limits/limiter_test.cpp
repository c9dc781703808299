#include "actors/limits/limiter.hpp"
#include "tests/actors/chat_world.hpp"

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

const rate_bucket::time_point start{std::chrono::hours{1000}};

rate_settings by_address(rate limit) {
  rate_settings settings;
  settings.per_address[rated::events] = limit;
  return settings;
}

client_address address(std::uint32_t number) {
  return from_v4({10, static_cast<std::uint8_t>(number >> 16),
                  static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)});
}

TEST_CASE("one address never gets more than its rate and a chunk a thread") {
  const rate limit{100, 80};
  test_system system;
  const auto actor = system.actors().spawn<limiter>(by_address(limit));
  constexpr int threads = 4;
  std::vector<std::unique_ptr<rate_accounts>> by_thread;
  for (int i = 0; i < threads; ++i)
    by_thread.push_back(std::make_unique<rate_accounts>(by_address(limit)));
  std::mt19937 random{3};
  const auto begun = system.scheduler().clock().now();
  int taken = 0;
  for (int i = 0; i < 3'000; ++i) {
    if (random() % 4 == 0) system.advance(std::chrono::milliseconds{random() % 20});
    const auto now = system.scheduler().clock().now();
    const auto account = by_thread[random() % threads]->of_address(address(1), now);
    if (account->take(rated::events, 1, now) == 0ms) ++taken;
    if (const auto request = account->due(rated::events, now))
      account->receive(rated::events, system.ask<token_grant>(actor, *request), now);
    const std::chrono::duration<double> passed = now - begun;
    REQUIRE(taken <= limit.burst + limit.per_second * passed.count() +
                         threads * rate_account::chunk(limit));
  }
  const std::chrono::duration<double> passed = system.scheduler().clock().now() - begun;
  // And it does get it: the difference is held by the threads.
  CHECK(taken >= limit.per_second * passed.count() - threads * rate_account::chunk(limit));
}

TEST_CASE("a user who is on several nodes has a part of the rate on each") {
  test_system system;
  rate_settings settings;
  settings.per_user[rated::events] = {12, 24};
  settings.per_user[rated::creates] = {12, 2};
  settings.per_address[rated::events] = {12, 24};
  const auto actor = system.actors().spawn<limiter>(settings);
  const auto at = [](node_run run, std::int64_t room, std::int64_t sockets) {
    return foreign_member{run, {room_id{room}, "ann", "Ann", sockets}};
  };
  const auto report = [&](std::vector<foreign_member> changed, std::vector<node_run> gone) {
    compat::anon_send(actor, members_elsewhere{std::move(changed), std::move(gone)});
    system.run();
  };
  const auto granted = [&](rated what, const rate_key& key, bool is_address = false) {
    return system.ask<token_grant>(actor, token_request{key, is_address, what, 0, 100}).tokens;
  };
  const auto ann = rate_key_of("ann");
  constexpr auto a_second = 1'010ms; // and what is lost by rounding
  report({at(1, 1, 1), at(1, 2, 1), at(2, 1, 1), at(2, 1, 2)}, {});
  CHECK(granted(rated::events, ann) == 8);
  CHECK(granted(rated::events, rate_key_of("ben")) == 24);
  CHECK(granted(rated::events, rate_key_of(address(1)), true) == 24);
  system.advance(a_second);
  CHECK(granted(rated::events, ann) == 4);
  // One token at once is left of the smallest part.
  CHECK(granted(rated::creates, ann) == 1);
  // The user left a room on one node, and the other one is gone.
  report({at(1, 1, 0)}, {2});
  system.advance(a_second);
  CHECK(granted(rated::events, ann) == 6);
  report({at(1, 2, 0)}, {});
  system.advance(a_second);
  CHECK(granted(rated::events, ann) == 12);
}

TEST_CASE("whoever is refused is told when to come back, and may then") {
  test_system system;
  const auto actor = system.actors().spawn<limiter>(by_address({10, 8}));
  const token_request wanted{rate_key_of(address(1)), true, rated::events, 0, 8};
  CHECK(system.ask<token_grant>(actor, wanted).tokens == 8);
  const auto refused = system.ask<token_grant>(actor, wanted);
  CHECK(refused.tokens == 0);
  CHECK(refused.retry_after == 100ms);
  system.advance(refused.retry_after);
  CHECK(system.ask<token_grant>(actor, wanted).tokens == 1);
}

TEST_CASE("what was spent on credit is counted") {
  test_system system;
  const auto actor = system.actors().spawn<limiter>(by_address({10, 8}));
  const token_request wanted{rate_key_of(address(1)), true, rated::events, 6, 8};
  CHECK(system.ask<token_grant>(actor, wanted).tokens == 2);
}

TEST_CASE("users, addresses and what they do are counted apart") {
  auto settings = by_address({1, 1});
  settings.per_address[rated::connects] = {1, 1};
  settings.per_user[rated::events] = {1, 1};
  test_system system;
  const auto actor = system.actors().spawn<limiter>(settings);
  const auto one = [&](rate_key key, bool is_address, rated what) {
    return system.ask<token_grant>(actor, token_request{std::move(key), is_address, what, 0, 1})
        .tokens;
  };
  CHECK(one(rate_key_of(address(1)), true, rated::events) == 1);
  CHECK(one(rate_key_of(address(1)), true, rated::events) == 0);
  CHECK(one(rate_key_of(address(1)), true, rated::connects) == 1);
  CHECK(one(rate_key_of(address(2)), true, rated::events) == 1);
  CHECK(one(rate_key_of("ann"), false, rated::events) == 1);
  CHECK(one(rate_key_of("ann"), false, rated::events) == 0);
}

TEST_CASE("a flood of addresses fills no memory and gets nothing for free") {
  test_system system;
  const auto settings = by_address({1, 8});
  const auto actor = system.actors().spawn<limiter>(settings);
  rate_accounts accounts{settings};
  std::uint32_t credited = 0;
  for (std::uint32_t i = 0; i < 3 * rate_accounts::crowded; ++i)
    if (accounts.of_address(address(i), start)->take(rated::events, 1, start) == 0ms)
      ++credited;
  CHECK(credited == 2 * rate_accounts::crowded);
  for (std::uint32_t i = 0; i < limiter::max_buckets + 10; ++i)
    std::ignore = system.ask<token_grant>(
        actor, token_request{rate_key_of(address(i)), true, rated::events, 0, 1});
  CHECK(system.ask<limiter_stats>(actor, ask_limiter_stats{}).buckets == limiter::max_buckets);
  const token_request late{rate_key_of(address(1'000'000)), true, rated::events, 0, 1};
  CHECK(system.ask<token_grant>(actor, late).tokens == 0);
  system.advance(10s); // by now the others' buckets are full again, and forgotten
  CHECK(system.ask<token_grant>(actor, late).tokens == 1);
  CHECK(system.ask<limiter_stats>(actor, ask_limiter_stats{}).buckets == 1);
}

TEST_CASE("in a crowd a newcomer begins with an eighth, and then with nothing") {
  rate_accounts accounts{by_address({8, 512})};
  const auto credit_of = [&](std::uint32_t i) {
    const auto account = accounts.of_address(address(i), start);
    int credit = 0;
    while (account->take(rated::events, 1, start) == 0ms)
      ++credit;
    return credit;
  };
  CHECK(credit_of(0) == 64);
  const auto use = [&](std::uint32_t i) {
    std::ignore = accounts.of_address(address(i), start)->take(rated::events, 1, start);
  };
  for (std::uint32_t i = 1; i < rate_accounts::crowded; ++i)
    use(i);
  CHECK(credit_of(rate_accounts::crowded) == 8);
  for (std::uint32_t i = rate_accounts::crowded + 1; i < 2 * rate_accounts::crowded; ++i)
    use(i);
  CHECK(credit_of(2 * rate_accounts::crowded) == 0);
}

TEST_CASE("accounts that sessions use are no crowd") {
  rate_accounts accounts{by_address({8, 512})};
  std::vector<std::shared_ptr<rate_account>> sessions;
  auto now = start;
  for (std::uint32_t i = 0; i < 5 * rate_accounts::crowded; ++i) {
    now += 100us;
    sessions.push_back(accounts.of_address(address(i), now));
    REQUIRE(sessions.back()->take(rated::events, 64, now) == 0ms);
  }
}

TEST_CASE("a crowd that has left is forgotten after a minute") {
  rate_accounts accounts{by_address({8, 512})};
  for (std::uint32_t i = 0; i < 2 * rate_accounts::crowded; ++i)
    std::ignore = accounts.of_address(address(i), start)->take(rated::events, 1, start);
  CHECK(accounts.of_address(address(0), start + 59s)->take(rated::events, 64, start + 59s) >
        0ms);
  CHECK(accounts.of_address(address(1'000'000), start + 61s)
            ->take(rated::events, 64, start + 61s) == 0ms);
}

TEST_CASE("who comes back at once finds the account as it was") {
  rate_accounts accounts{by_address({1, 8})};
  CHECK(accounts.of_address(address(1), start)->take(rated::events, 1, start) == 0ms);
  CHECK(accounts.of_address(address(1), start)->take(rated::events, 1, start) > 0ms);
}

TEST_CASE("what asks for more than is left gets it, though much is left") {
  test_system system;
  const auto settings = by_address({8, 512});
  const auto actor = system.actors().spawn<limiter>(settings);
  rate_accounts accounts{settings};
  const auto account = accounts.of_address(address(1), start);
  REQUIRE(account->take(rated::events, 20, start) == 0ms); // 44 of 64 are left
  CHECK_FALSE(account->due(rated::events, start));
  CHECK(account->take(rated::events, 60, start) > 0ms);
  const auto request = account->due(rated::events, start);
  REQUIRE(request);
  account->receive(rated::events, system.ask<token_grant>(actor, *request), start);
  CHECK(account->take(rated::events, 60, start) == 0ms);
}

TEST_CASE("a lost answer is asked for again") {
  rate_accounts accounts{by_address({1, 8})};
  const auto account = accounts.of_address(address(1), start);
  std::ignore = account->take(rated::events, 1, start);
  CHECK(account->due(rated::events, start));
  CHECK_FALSE(account->due(rated::events, start));
  CHECK(account->due(rated::events, start + 1s));
}

TEST_CASE("an IPv6 network is one address") {
  auto one = *parse_address("2001:db8::1");
  auto other = *parse_address("2001:db8::2");
  CHECK(rate_key_of(one) == rate_key_of(other));
  CHECK(rate_key_of(one) != rate_key_of(*parse_address("2001:db8:0:1::1")));
}

} // namespace
} // namespace hubbub::test
