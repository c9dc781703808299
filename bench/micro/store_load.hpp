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

/// What `store_bench` writes, and how it takes the time. Whatever goes wrong ends the program.
namespace hubbub::bench {

inline constexpr std::int64_t rooms = 10;

[[noreturn]] void fail(const std::string& why);

[[nodiscard]] std::unique_ptr<store> opened_or_fail(const store_config& config);
/// Creates the rooms, one id after the other; gives the first.
[[nodiscard]] room_id create_rooms(store_writer& writer);
/// Appends so many messages to these rooms in turn, a thousand at a time.
void fill(store_writer& writer, const std::vector<room_id>& targets, std::int64_t count);
/// Puts a view into the place of the search that swallows what is written to it.
void take_search_out(const std::string& path);

/// Messages of about 20 words. A few words are frequent and very many are rare, as in any
/// language; `everywhere` is in each, `common` follows it in every hundredth, `rare` in every
/// hundred-thousandth.
class some_messages {
 public:
  static constexpr auto everywhere = "every";
  static constexpr auto common = "hundredth";
  static constexpr auto rare = "needle";
  static constexpr timestamp began{1'700'000'000'000}; ///< a millisecond a message
  static std::string user(std::int64_t number) {
    return "user-" + std::to_string(number % 500);
  }

  some_messages();
  [[nodiscard]] append_message next(room_id room);

 private:
  std::mt19937_64 random_{1};
  std::vector<std::string> words_;
  std::int64_t count_ = 0;
};

/// A folder with a database to be, gone with its owner.
class scratch_database {
 public:
  explicit scratch_database(const std::string& folder);
  ~scratch_database();
  scratch_database(const scratch_database&) = delete;
  scratch_database& operator=(const scratch_database&) = delete;

  [[nodiscard]] std::string path() const { return (folder_ / "bench.db").string(); }
  /// So that it is read from the disk next.
  void drop_from_page_cache() const;

 private:
  std::filesystem::path folder_;
};

/// Time on the clock, and CPU time of the process or of this thread.
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

/// So many, but no longer than so many seconds.
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
