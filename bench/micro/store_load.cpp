#include "bench/micro/store_load.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h> // mkdtemp
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <system_error>
#include <utility>
#include <variant>

namespace hubbub::bench {

namespace {

constexpr std::int64_t batch = 1'000; // as many as the writer actor commits at once
constexpr std::size_t vocabulary = 1U << 16U;
constexpr int words_in_message = 18;

double seconds_of(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

} // namespace

void fail(const std::string& why) {
  std::cerr << "store_bench: " << why << '\n';
  std::_Exit(EXIT_FAILURE); // works on any thread
}

std::unique_ptr<store> opened_or_fail(const store_config& config) {
  auto opened = open_store(config);
  if (!opened) fail(opened.error());
  return *std::move(opened);
}

room_id create_rooms(store_writer& writer) {
  std::vector<write_op> ops;
  // A database that keeps its rooms has those of earlier runs.
  const auto run = std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
  for (std::int64_t i = 0; i < rooms; ++i)
    ops.emplace_back(op::create_room{"room-" + run + "-" + std::to_string(i)});
  const auto made = writer.commit(ops, some_messages::began);
  const auto* first = std::get_if<room_record>(&made.front());
  if (!first) fail("the store made no room");
  return first->id;
}

void fill(store_writer& writer, const std::vector<room_id>& targets, std::int64_t count) {
  some_messages texts;
  std::vector<write_op> ops;
  for (std::int64_t done = 0; done < count;) {
    ops.clear();
    for (const auto end = std::min(done + batch, count); done < end; ++done)
      ops.emplace_back(texts.next(targets[static_cast<std::size_t>(done) % targets.size()]));
    const auto outcomes = writer.commit(ops, timestamp{some_messages::began.value + done});
    if (!std::holds_alternative<appended>(outcomes.front())) fail("the store refused a batch");
  }
}

void take_search_out(const std::string& path) {
  sqlite3* db = nullptr;
  const bool opened = sqlite3_open(path.c_str(), &db) == SQLITE_OK;
  const bool done =
      opened &&
      sqlite3_exec(db,
                   // An index whose cursor is past every message takes none in.
                   "UPDATE counters SET value = 1 << 62 WHERE name LIKE 'search_cursor_%'",
                   nullptr, nullptr, nullptr) == SQLITE_OK;
  sqlite3_close(db);
  if (!done) fail("cannot take the search out of " + path);
}

some_messages::some_messages() {
  words_.reserve(vocabulary);
  for (std::size_t i = 0; i < vocabulary; ++i)
    words_.push_back("w" + std::to_string(i));
}

op::append_message some_messages::next(room_id room) {
  ++count_;
  std::string text = everywhere;
  if (count_ % 100 == 0) text.append(" ").append(common);
  if (count_ % 100'000 == 50'000) text.append(" ").append(rare);
  for (int i = 0; i < words_in_message; ++i) {
    // The frequency of the n-th word falls with n.
    const auto uniform = std::uniform_real_distribution{}(random_);
    const auto rank = std::pow(static_cast<double>(vocabulary), uniform) - 1;
    text.append(" ").append(words_[static_cast<std::size_t>(rank)]);
  }
  op::append_message op;
  op.room = room;
  op.user_id = user(static_cast<std::int64_t>(random_() % 500));
  op.username = op.user_id;
  op.content = std::move(text);
  return op;
}

scratch_database::scratch_database(const std::string& folder) {
  auto pattern = (std::filesystem::path{folder} / "hubbub-store-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) fail("cannot make a folder in " + folder);
  folder_ = pattern;
}

scratch_database::~scratch_database() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void scratch_database::drop_from_page_cache() const {
  const int file = ::open(path().c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail("cannot open " + path());
  const bool done = ::fsync(file) == 0 && ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0;
  ::close(file);
  if (!done) fail("cannot drop " + path() + " from the page cache");
}

stopwatch::reading stopwatch::now() const {
  return {seconds_of(CLOCK_MONOTONIC),
          seconds_of(whose_ == scope::process ? CLOCK_PROCESS_CPUTIME_ID
                                              : CLOCK_THREAD_CPUTIME_ID)};
}

stopwatch::reading stopwatch::read() const {
  const auto here = now();
  return {here.wall_s - start_.wall_s, here.cpu_s - start_.cpu_s};
}

} // namespace hubbub::bench
