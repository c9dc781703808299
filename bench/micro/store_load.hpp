#pragma once

#include "persistence/store.hpp"

#include <chrono>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

/// The load of `store_bench` and its clock. Any failure ends the program.
namespace hubbub::bench {

inline constexpr std::int64_t rooms = 10;

[[noreturn]] void fail(const std::string& why);

[[nodiscard]] std::unique_ptr<store> opened_or_fail(const store_config& config);
/// Creates rooms with consecutive ids; returns the first id.
[[nodiscard]] room_id create_rooms(store_writer& writer);
/// Appends `count` messages to the rooms in turn, a thousand in a commit.
void fill(store_writer& writer, const std::vector<room_id>& targets, std::int64_t count);
/// Replaces the search index with a view that discards what is written to it.
void take_search_out(const std::string& path);

/// Messages of about 20 words. A few words are frequent and very many are rare, as in any
/// language; `everywhere` is in each, `common` follows it in every hundredth, `rare` in every
/// hundred-thousandth.
class some_messages {
 public:
  static constexpr auto everywhere = "every";
  static constexpr auto common = "hundredth";
  static constexpr auto rare = "needle";
  static constexpr timestamp began{
      1'700'000'000'000}; ///< time of the first message; each next one is a millisecond later
  static std::string user(std::int64_t number) {
    return "user-" + std::to_string(number % 500);
  }

  some_messages();
  [[nodiscard]] op::append_message next(room_id room);

 private:
  std::mt19937_64 random_{1};
  std::vector<std::string> words_;
  std::int64_t count_ = 0;
};

/// A temporary folder for a database, removed by the destructor.
class scratch_database {
 public:
  explicit scratch_database(const std::string& folder);
  ~scratch_database();
  scratch_database(const scratch_database&) = delete;
  scratch_database& operator=(const scratch_database&) = delete;

  [[nodiscard]] std::string path() const { return (folder_ / "bench.db").string(); }
  /// Drops the file from the page cache, so that it is read from the disk.
  void drop_from_page_cache() const;

 private:
  std::filesystem::path folder_;
};

/// Wall time, and CPU time of the process or of the calling thread.
class stopwatch {
 public:
  enum class scope : std::uint8_t { process, thread };
  struct reading {
    double wall_s = 0;
    double cpu_s = 0;
  };
  explicit stopwatch(scope whose = scope::process) : whose_(whose), start_(now()) {}
  [[nodiscard]] reading read() const;

 private:
  [[nodiscard]] reading now() const;

  scope whose_;
  reading start_;
};

/// A bound on a measurement: a number of rounds, and a number of seconds.
class stop_after {
 public:
  stop_after(std::int64_t count, double seconds) : count_(count), seconds_(seconds) {}
  [[nodiscard]] bool reached(std::int64_t done) const {
    return done >= count_ || watch_.read().wall_s >= seconds_;
  }

 private:
  std::int64_t count_;
  double seconds_;
  stopwatch watch_;
};

} // namespace hubbub::bench
