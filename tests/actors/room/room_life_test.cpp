#include "actors/room/room_life.hpp"
#include "actors/room/tick_timer.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;

constexpr room_life::time_point life_begin{};

TEST_CASE("leases and work keep a room awake, each until it ends") {
  room_life life;
  CHECK(life.is_free());
  life.lease();
  life.lease();
  life.begin_work();
  life.release();
  CHECK_FALSE(life.is_free());
  life.release();
  CHECK_FALSE(life.is_free());
  life.end_work();
  CHECK(life.is_free());
  CHECK(life.leases_ever() == 2);
}

TEST_CASE("a room lingers once, and is over once") {
  room_life life;
  CHECK(life.linger(life_begin + 10s));
  CHECK_FALSE(life.linger(life_begin + 20s));
  CHECK(life.end() == life_begin + 10s);
  CHECK_FALSE(life.is_over(life_begin + 9s));
  CHECK(life.is_over(life_begin + 10s));
  CHECK_FALSE(life.is_over(life_begin + 10s));
  CHECK_FALSE(life.end());
}

TEST_CASE("a lease ends the lingering") {
  room_life life;
  CHECK(life.linger(life_begin + 10s));
  life.lease();
  CHECK_FALSE(life.is_over(life_begin + 10s));
  life.release();
  CHECK(life.linger(life_begin + 20s));
}

TEST_CASE("the directory is asked once at a time, and a room that has asked does not linger") {
  room_life life;
  CHECK(life.ask());
  CHECK_FALSE(life.ask());
  CHECK_FALSE(life.linger(life_begin + 10s));
  life.answered();
  CHECK(life.linger(life_begin + 10s));
  CHECK(life.ask());
}

TEST_CASE("a tick is sent for what is nearer than the one under way") {
  tick_timer timer;
  CHECK(timer.set(life_begin + 10s));
  CHECK_FALSE(timer.set(life_begin + 10s));
  CHECK_FALSE(timer.set(life_begin + 20s));
  CHECK(timer.set(life_begin + 5s));
  CHECK_FALSE(timer.take(life_begin + 4s));
  CHECK(timer.take(life_begin + 5s));
  CHECK_FALSE(timer.take(life_begin + 10s)); // it was replaced
  CHECK(timer.set(life_begin + 20s));
}

} // namespace
} // namespace hubbub::test
