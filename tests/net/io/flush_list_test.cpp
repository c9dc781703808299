#include "net/io/flush_list.hpp"
#include "tests/support/catch.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace hubbub {
namespace {

/// Notes its calls, and does something at each.
class noting_flushable final : public flushable {
 public:
  noting_flushable(
      flush_list& list, std::string& calls, char name, std::function<void()> then = [] {})
      : list_(&list), calls_(&calls), name_(name), then_(std::move(then)) {}
  ~noting_flushable() override { list_->forget(*this); }
  void flush() override {
    *calls_ += name_;
    then_();
  }

 private:
  flush_list* list_;
  std::string* calls_;
  char name_;
  std::function<void()> then_;
};

} // namespace

TEST_CASE("each of a flush_list is called once, in order") {
  std::string calls;
  flush_list list;
  noting_flushable a{list, calls, 'a'};
  noting_flushable b{list, calls, 'b'};
  CHECK(list.add(b));
  CHECK(list.add(a));
  CHECK_FALSE(list.add(b));
  list.flush_all();
  CHECK(calls == "ba");
  list.flush_all();
  CHECK(calls == "ba");
  CHECK(list.add(b));
  list.flush_all();
  CHECK(calls == "bab");
}

TEST_CASE("what is added during a flush is called at the next one") {
  std::string calls;
  flush_list list;
  noting_flushable* again = nullptr;
  noting_flushable a{list, calls, 'a', [&] { list.add(*again); }};
  again = &a;
  list.add(a);
  list.flush_all();
  CHECK(calls == "a");
  list.flush_all();
  CHECK(calls == "aa");
}

TEST_CASE("what is destroyed before or during a flush is not called") {
  std::string calls;
  flush_list list;
  auto before = std::make_unique<noting_flushable>(list, calls, 'x');
  auto during = std::make_unique<noting_flushable>(list, calls, 'y');
  auto added = std::make_unique<noting_flushable>(list, calls, 'z');
  noting_flushable a{list, calls, 'a', [&] {
                       list.add(*added);
                       during.reset();
                       added.reset();
                     }};
  noting_flushable b{list, calls, 'b'};
  list.add(*before);
  list.add(a);
  list.add(*during);
  list.add(b);
  before.reset();
  list.flush_all();
  CHECK(calls == "ab");
  list.flush_all();
  CHECK(calls == "ab");
}

TEST_CASE("what a flush_list drops may be added to another one") {
  std::string calls;
  flush_list first;
  flush_list second;
  noting_flushable a{second, calls, 'a'};
  first.add(a);
  first.clear();
  CHECK(second.add(a));
  second.flush_all();
  CHECK(calls == "a");
}

} // namespace hubbub
