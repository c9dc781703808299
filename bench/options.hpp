#pragma once

#include "proto/expected.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace hubbub::bench {

enum class transport_kind : std::uint8_t { websocket, polling };
enum class event_kind : std::uint8_t { message, typing };
enum class storm_phase : std::uint8_t { all, connect, reconnect, churn };

/// What a run is asked to do. Not every scenario looks at everything.
struct options {
  std::string scenario;

  std::string url = "http://127.0.0.1:5005";
  std::filesystem::path dialect_file; ///< empty: Hubbub's words
  std::string label;                  ///< empty: the dialect's name
  pid_t server_pid = 0;               ///< 0: its CPU and memory are not known

  transport_kind transport = transport_kind::websocket;
  std::size_t connections = 1'000;
  std::size_t connecting = 64;      ///< handshakes at the same time
  std::size_t source_addresses = 0; ///< 0: as many as the connections need
  std::size_t rooms = 1;            ///< connection i is in room i % rooms
  std::size_t senders = 10;         ///< the first so many connections
  std::size_t window = 2;           ///< messages of one sender that are not confirmed
  double rate = 0;                  ///< messages a second; 0: a closed loop with `window`
  std::size_t size = 128;           ///< bytes of a message's content
  event_kind event = event_kind::message;
  std::uint64_t messages = 0; ///< ends the load after so many; 0: after `duration`

  std::chrono::milliseconds duration{10'000};
  std::chrono::milliseconds warmup{1'000};
  std::chrono::milliseconds settle{1'500};    ///< of quiet, before the load begins
  std::chrono::milliseconds patience{10'000}; ///< without a word, what is missing is lost

  double share = 0.5;                     ///< jitter, slow: of the clients that do not send
  std::chrono::milliseconds every{2'000}; ///< jitter: time between two drops of one client
  std::chrono::milliseconds away{200};    ///< jitter: how long it is gone
  std::size_t read_rate = 0;              ///< slow: bytes a second; 0: nothing is read

  std::size_t attackers = 180; ///< hostile: connections that do all that is bad

  storm_phase phase = storm_phase::all;
  std::size_t cycles = 64; ///< storm: clients that come and go at the same time
  std::size_t page = 50;   ///< history: messages of a page
  std::size_t readers = 8; ///< history: requests at the same time

  bool progress = true; ///< where standard error is a terminal
  std::filesystem::path json;
  std::filesystem::path html;
  std::vector<std::filesystem::path> reports; ///< `report`: what to compare
};

/// Reads the command line. Where it asks for help or is wrong, that has been printed and the
/// error is the exit status.
[[nodiscard]] expected<options, int> parse_options(int argc, const char* const* argv);

/// What the options of one scenario say, in words for tables.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> describe(const options& asked);

} // namespace hubbub::bench
