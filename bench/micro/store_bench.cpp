// The cost of the store: appends through the writer actor, pages and searches of a large room,
// and a start with a large database.
#include "actors/store/store_actors.hpp"
#include "bench/micro/store_load.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <iomanip>
#include <iostream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::bench {
namespace {

struct bench_options {
  std::vector<std::string> parts{"appends", "pages"};
  std::string folder = std::filesystem::temp_directory_path().string();
  std::string db; ///< address of a PostgreSQL database for appends; empty: a SQLite file
  std::int64_t appends = 100'000;     ///< maximum number of appends for each figure
  double seconds = 5;                 ///< approximate duration for each figure
  std::int64_t room = 1'000'000;      ///< messages in the room that is read
  std::int64_t database = 10'000'000; ///< messages in the database that is opened
  std::int64_t repetitions = 200;     ///< repetitions of each page and search
};

/// Prints a row of a Markdown table that is also readable as plain text.
void line(const std::string& what, const std::vector<std::string>& figures) {
  std::cout << "| " << std::left << std::setw(48) << what << std::right;
  for (const auto& each : figures)
    std::cout << " | " << std::setw(12) << each;
  std::cout << " |\n" << std::flush; // the next one may take minutes
}

void heading(const std::string& what, const std::vector<std::string>& figures) {
  std::cout << '\n';
  line(what, figures);
  line("---", std::vector<std::string>(figures.size(), "---:"));
}

std::string rounded(double value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return text.str();
}

// Appends

/// Keeps this many appends in flight, as the gate of an io thread does for its rooms: when one
/// message answers several, it sends as many in one.
class feeder : public write_sink::base {
 public:
  feeder(caf::actor_config& config, writer_actor writer, room_id first, std::int64_t in_flight,
         stop_after limit, std::vector<double>& waits)
      : write_sink::base(config), writer_(std::move(writer)), first_(first),
        in_flight_(in_flight), limit_(limit), waits_(waits) {}
  behavior_type make_behavior() override {
    return {[this](const write_results& results) { on_results(results); }};
  }
  void on_exit() override { writer_ = nullptr; }

 private:
  void on_results(const write_results& results) {
    if (sent_ > 0) waits_.push_back(since_.read().wall_s * 1e6);
    for (const auto& each : results)
      if (!std::holds_alternative<appended>(each)) fail("the store refused a message");
    in_the_air_ -= std::ssize(results);
    write_batch next{{}, write_sink{this}};
    while (in_the_air_ < in_flight_ && !limit_.reached(sent_)) {
      next.operations.emplace_back(texts_.next(room_id{first_.value + sent_ % rooms}));
      ++sent_;
      ++in_the_air_;
    }
    if (in_the_air_ == 0) return quit();
    since_ = stopwatch{};
    if (!next.operations.empty()) compat::send(this, writer_, std::move(next));
  }

  writer_actor writer_;
  room_id first_;
  std::int64_t in_flight_;
  stop_after limit_;
  std::vector<double>& waits_; ///< time from each sending to the next answer, in microseconds
  stopwatch since_;
  some_messages texts_;
  std::int64_t sent_ = 0;
  std::int64_t in_the_air_ = 0;
};

void measure_appends(const bench_options& options, durability level, bool search,
                     std::int64_t in_flight) {
  const scratch_database file{options.folder};
  store_config config{.path = options.db.empty() ? file.path() : options.db, .level = level};
  config.search = options.db.empty(); // whose index is fed by others than writers
  auto opened = opened_or_fail(config);
  if (!search) {
    opened.reset();
    take_search_out(file.path());
    opened = opened_or_fail(config);
  }
  auto store = opened->writer();
  const auto first = create_rooms(*store);

  caf::actor_system_config system_config;
  compat::add_types<caf::id_block::hubbub>(system_config);
  caf::actor_system system{system_config};
  auto upkeep = opened->upkeep();
  const auto copying =
      upkeep ? system.spawn<upkeep_worker, caf::detached>(std::move(upkeep)) : upkeep_actor{};
  const auto writing =
      system.spawn<writer, caf::detached>(std::move(store), wall_clock_now, copying);
  std::vector<double> waits;
  stopwatch watch;
  {
    caf::scoped_actor self{system};
    const auto feeding = system.spawn<feeder, caf::detached>(
        writing, first, in_flight, stop_after{options.appends, options.seconds}, waits);
    compat::anon_send(feeding, write_results{});
    self->wait_for(feeding);
  }
  const auto spent = watch.read();
  writer_stats stats;
  {
    caf::scoped_actor self{system};
    compat::request(&*self, writing, caf::infinite, ask_writer_stats{})
        .receive([&](const writer_stats& answer) { stats = answer; },
                 [](const caf::error&) { fail("the writer is gone"); });
    if (copying) self->send_exit(copying, caf::exit_reason::user_shutdown);
    self->send_exit(writing, caf::exit_reason::user_shutdown);
  }
  const auto count = static_cast<double>(stats.appended);
  const auto what = std::string{level == durability::full ? "full" : "normal"} +
                    (search ? "" : ", without search") + ", " + std::to_string(in_flight) +
                    " in flight";
  std::ranges::sort(waits);
  line(what, {rounded(count / spent.wall_s, 0), rounded(spent.cpu_s / count * 1e6, 1),
              rounded(count / static_cast<double>(stats.commits), 1),
              waits.empty() ? "" : rounded(waits[waits.size() / 2], 0)});
}

void measure_all_appends(const bench_options& options) {
  heading(options.db.empty() ? "appends" : "appends into PostgreSQL",
          {"1/s", "CPU us each", "a commit", "p50 us"});
  for (const auto level : {durability::full, durability::normal})
    for (const bool search : {true, false})
      for (const auto in_flight : {1, 100, 1'000, 10'000})
        if (search || options.db.empty()) measure_appends(options, level, search, in_flight);
}

// Pages and searches

/// Runs a call again and again. Prints the median and the 99th percentile of the thread's CPU
/// time, and the median of the elapsed time, in microseconds.
void measure_calls(const bench_options& options, const std::string& what,
                   const std::function<bool()>& call) {
  std::vector<double> cpu;
  std::vector<double> wall;
  for (std::int64_t i = 0; i < options.repetitions; ++i) {
    const stopwatch watch{stopwatch::scope::thread};
    if (!call()) fail(what + " found nothing");
    const auto spent = watch.read();
    cpu.push_back(spent.cpu_s * 1e6);
    wall.push_back(spent.wall_s * 1e6);
  }
  std::ranges::sort(cpu);
  std::ranges::sort(wall);
  line(what, {rounded(cpu[cpu.size() / 2], 0), rounded(cpu[cpu.size() * 99 / 100], 0),
              rounded(wall[wall.size() / 2], 0)});
}

void measure_pages(const bench_options& options, store_reader& reader, room_id room) {
  std::mt19937_64 random{5};
  const auto somewhere = [&] {
    return sequence{static_cast<std::int64_t>(
        random() % static_cast<std::uint64_t>(options.room - 20000) + 10000)};
  };
  const auto page = [&](const std::string& what, const auto& range_of) {
    measure_calls(options, what, [&] {
      message_range range{.room = room};
      range_of(range);
      const auto found = reader.read_messages(range);
      return found && !found->messages.empty();
    });
  };
  page("newest 50", [](message_range&) {});
  page("newest 200", [](message_range& range) { range.limit = 200; });
  page("50 before a random one", [&](message_range& range) { range.before = somewhere(); });
  page("50 after a random one", [&](message_range& range) { range.after = somewhere(); });
  page("50 around a random one", [&](message_range& range) { range.around = somewhere(); });
  page("50 of one user before a random one", [&](message_range& range) {
    range.before = somewhere();
    range.user_id = some_messages::user(7);
  });
  page("50 from a random time on", [&](message_range& range) {
    range.from = timestamp{some_messages::began.value + somewhere().value};
  });
}

void measure_searches(const bench_options& options, store_reader& reader, room_id room) {
  const auto search = [&](const std::string& what, const std::string& text) {
    measure_calls(options, what, [&] {
      const auto found = reader.search({.room = room, .text = text});
      return found && !found->hits.empty();
    });
  };
  search("search: a word of 10 messages", some_messages::rare);
  search("search: a word of every 100th message", some_messages::common);
  search("search: both of two words of every 100th",
         std::string{some_messages::common} + " w1 ");
  search("search: two words as a phrase",
         "\"" + std::string{some_messages::everywhere} + " " + some_messages::common + "\"");
  search("search: the beginning of a word", "hund");
  search("search: a word of every message", some_messages::everywhere);
}

/// Measures how long writers wait for each step of retention that removes half of the room.
void measure_retention(const bench_options& options, const std::string& path) {
  const auto opened = opened_or_fail({.path = path,
                                      .level = durability::normal,
                                      .retention = {{.max_messages = options.room / 2}}});
  const auto writer = opened->writer();
  writer->leave_upkeep([](bool) {}); // as in the server, where the copier's thread does it
  measure_calls(options, "a step of retention, 100 messages at most",
                [&] { return writer->purge(some_messages::began); });
}

void measure_reads(const bench_options& options) {
  const scratch_database file{options.folder};
  {
    const auto opened = opened_or_fail({.path = file.path(), .level = durability::normal});
    const auto writer = opened->writer();
    const auto room = create_rooms(*writer);
    std::cout << "\nfilling a room with " << options.room << " messages …\n" << std::flush;
    const stopwatch filling;
    fill(*writer, {room}, options.room);
    const auto spent = filling.read();
    heading("filling", {"1/s", "CPU us each"});
    line("batches of 1,000 without actors",
         {rounded(static_cast<double>(options.room) / spent.wall_s, 0),
          rounded(spent.cpu_s / static_cast<double>(options.room) * 1e6, 1)});
    heading("a room of " + std::to_string(options.room) + " messages",
            {"CPU us", "p99 CPU us", "us"});
    const auto reader = opened->reader();
    measure_pages(options, *reader, room);
    measure_searches(options, *reader, room);
  }
  measure_retention(options, file.path());
}

// Start-up

void measure_start(const std::string& what, const std::string& path) {
  const stopwatch watch;
  const auto opened = opened_or_fail({.path = path, .level = durability::normal});
  const auto reader = opened->reader();
  const auto rooms_found = reader->list_rooms(room_id{0}, "", 100, {.sees_all = true});
  if (!rooms_found || std::ssize(*rooms_found) != rooms) fail("the rooms are gone");
  const auto spent = watch.read();
  line(what, {rounded(spent.cpu_s * 1e3, 1), rounded(spent.wall_s * 1e3, 1)});
}

void measure_starts(const bench_options& options) {
  const scratch_database file{options.folder};
  std::cout << "\nfilling a database with " << options.database << " messages …\n"
            << std::flush;
  {
    const auto opened = opened_or_fail({.path = file.path(), .level = durability::normal});
    const auto writer = opened->writer();
    const auto first = create_rooms(*writer);
    std::vector<room_id> all;
    for (std::int64_t i = 0; i < rooms; ++i)
      all.push_back(room_id{first.value + i});
    fill(*writer, all, options.database);
  }
  const auto bytes = std::filesystem::file_size(file.path());
  heading("start, " + std::to_string(options.database) + " messages, " +
              std::to_string(bytes >> 20U) + " MiB",
          {"CPU ms", "ms"});
  file.drop_from_page_cache();
  measure_start("first, from the disk", file.path());
  for (const auto* what : {"again", "and again"})
    measure_start(what, file.path());
}

int run(int argc, char** argv) {
  bench_options options;
  CLI::App app{"What the store costs"};
  app.add_option("parts", options.parts,
                 "appends, pages, start; start takes minutes and gigabytes")
      ->check(CLI::IsMember({"appends", "pages", "start"}));
  app.add_option("--folder", options.folder, "where databases are made")->capture_default_str();
  app.add_option("--db", options.db,
                 "appends go into this PostgreSQL database, which keeps them");
  app.add_option("--appends", options.appends, "at most, per figure")->capture_default_str();
  app.add_option("--seconds", options.seconds, "about as long, per figure")
      ->capture_default_str();
  app.add_option("--room", options.room, "messages in the room that is read")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{100'000}, std::int64_t{1} << 40U));
  app.add_option("--database", options.database, "messages in the database that is opened")
      ->capture_default_str();
  app.add_option("--repetitions", options.repetitions, "of each read")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  for (const auto& part : options.parts) {
    if (part == "appends") measure_all_appends(options);
    if (part == "pages") measure_reads(options);
    if (part == "start") measure_starts(options);
  }
  return EXIT_SUCCESS;
}

} // namespace
} // namespace hubbub::bench

int main(int argc, char** argv) {
  try {
    return hubbub::bench::run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "store_bench: " << e.what() << '\n';
    return EXIT_FAILURE;
  }
}
