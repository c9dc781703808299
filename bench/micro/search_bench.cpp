// The cost of searches among very many messages, and a digest of what they find, by which two
// builds can be compared.
#include "bench/micro/store_load.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::bench {
namespace {

struct bench_options {
  std::string db;                    ///< a file that is kept, and used again where it exists
  std::int64_t messages = 1'000'000; ///< all in one room
  std::int64_t repetitions = 50;
  std::string only; ///< the one search to run, by its number; empty: all
};

struct search_case {
  std::string what;
  search_query query;
};

std::vector<search_case> cases(room_id room) {
  const std::string everywhere = some_messages::everywhere;
  const std::string common = some_messages::common;
  const auto in_room = [&](const std::string& text) {
    return search_query{.room = room, .text = text};
  };
  auto all = std::vector<search_case>{
      {"a word of 10 messages", in_room(some_messages::rare)},
      {"a word of every 100th message", in_room(common)},
      {"the same, complete", in_room(common + " ")},
      {"both of two words of every 100th", in_room(common + " w1 ")},
      {"two words as a phrase", in_room('"' + everywhere + ' ' + common + '"')},
      {"the beginning of a word", in_room("hund")},
      {"a word of every message", in_room(everywhere)},
      {"a word of every message, in all rooms", {.text = everywhere}},
      {"a word of every 100th, of one user", in_room(common)},
      {"page 2 of a word of every 100th", in_room(common)},
      {"page 50 of a word of every message", in_room(everywhere)},
  };
  all[7].query.viewer.sees_all = true;
  all[8].query.user_id = some_messages::user(7);
  all[9].query.offset = 20;
  all[10].query.offset = 980;
  return all;
}

std::uint64_t digest_of(const search_page& page) {
  std::uint64_t digest = page.has_more ? 1 : 0;
  for (const auto& hit : page.hits)
    digest = digest * 1'000'003 + static_cast<std::uint64_t>(hit.found.id.value);
  return digest;
}

void measure(store_reader& reader, const search_case& which, std::int64_t repetitions) {
  std::vector<double> cpu;
  std::uint64_t digest = 0;
  for (std::int64_t i = 0; i < repetitions; ++i) {
    const stopwatch watch{stopwatch::scope::thread};
    const auto found = reader.search(which.query);
    cpu.push_back(watch.read().cpu_s * 1e6);
    if (!found || found->hits.empty()) fail(which.what + " found nothing");
    digest = digest_of(*found);
  }
  std::ranges::sort(cpu);
  std::cout << "| " << std::left << std::setw(40) << which.what << " | " << std::right
            << std::setw(8) << static_cast<std::int64_t>(cpu[cpu.size() / 2]) << " | "
            << std::setw(8) << static_cast<std::int64_t>(cpu[cpu.size() * 99 / 100]) << " | "
            << std::hex << std::setw(16) << digest << std::dec << " |\n"
            << std::flush;
}

int run(int argc, char** argv) {
  bench_options options;
  CLI::App app{"What searches cost"};
  app.add_option("--db", options.db, "a database that is kept, and used again if it exists");
  app.add_option("--messages", options.messages, "messages of a new database")
      ->capture_default_str();
  app.add_option("--repetitions", options.repetitions, "of each search")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--only", options.only, "runs only the search of this name");
  CLI11_PARSE(app, argc, argv);

  std::optional<scratch_database> scratch;
  if (options.db.empty())
    options.db = scratch.emplace(std::filesystem::temp_directory_path().string()).path();
  const bool is_new = !std::filesystem::exists(options.db);
  const auto opened = opened_or_fail({.path = options.db, .level = durability::normal});
  if (is_new) {
    const auto writer = opened->writer();
    const auto room = create_rooms(*writer);
    std::cout << "filling a room with " << options.messages << " messages …\n" << std::flush;
    fill(*writer, {room}, options.messages);
  }
  const auto reader = opened->reader();
  const auto found = reader->list_rooms(room_id{0}, "", 1, {.sees_all = true});
  if (!found || found->empty()) fail("the room is gone");
  std::cout << "| search                                   |   CPU us |      p99 |           "
               "digest |\n"
            << "| ---                                      |     ---: |     ---: |             "
               "---: |\n";
  for (const auto& each : cases(found->front().id))
    if (options.only.empty() || options.only == each.what)
      measure(*reader, each, options.repetitions);
  return EXIT_SUCCESS;
}

} // namespace
} // namespace hubbub::bench

int main(int argc, char** argv) {
  try {
    return hubbub::bench::run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "search_bench: " << e.what() << '\n';
    return EXIT_FAILURE;
  }
}
