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

/// The options of a run. Each scenario reads only those that concern it.
struct options {
  std::string scenario;

  /// The servers, among which the clients are divided: see `server_of`.
  std::vector<std::string> urls{"http://127.0.0.1:5005"};
  std::filesystem::path dialect_file; ///< empty: the events of Hubbub
  std::string label;                  ///< empty: the dialect's name
  /// The processes whose CPU and memory are measured, with their children; none: not measured.
  std::vector<pid_t> server_pids;

  transport_kind transport = transport_kind::websocket;
  std::size_t connections = 1'000;
  std::size_t connecting = 64;      ///< handshakes under way at the same time
  std::size_t source_addresses = 0; ///< 0: as many as the connections need
  std::size_t rooms = 1;            ///< see `room_of`
  std::size_t largest_room = 0;     ///< 0: rooms of one size; else of 1, 2 … so many in turn
  std::size_t senders = 10; ///< the number of connections that send, counted from the first
  std::size_t window = 2;   ///< unconfirmed messages that one sender may have under way
  double rate = 0;          ///< messages a second in all; 0: a closed loop with `window`
  std::size_t size = 128;   ///< bytes of a message's content
  event_kind event = event_kind::message;
  std::uint64_t messages = 0; ///< the load ends after this many messages; 0: after `duration`

  std::chrono::milliseconds duration{10'000};
  std::chrono::milliseconds warmup{1'000};
  std::chrono::milliseconds settle{1'500}; ///< quiet time before the load begins
  std::chrono::milliseconds patience{
      10'000}; ///< after this long without a packet, missing messages count as lost

  double share = 0.5; ///< jitter, slow: the affected share of the clients that do not send
  std::chrono::milliseconds every{2'000}; ///< jitter: time between two drops of one client
  std::chrono::milliseconds away{200};    ///< jitter: how long a dropped client stays away
  std::size_t read_rate = 0; ///< slow: bytes that a slow client reads a second; 0: none

  std::size_t attackers = 180; ///< hostile: the number of attacking connections

  storm_phase phase = storm_phase::all;
  std::size_t cycles = 64; ///< storm: cycles under way at the same time
  std::size_t page = 50;   ///< history: messages in a page
  std::size_t readers = 8; ///< history: requests under way at the same time

  /// Returns the room of a connection. The first ones, as many as there are rooms, are each in
  /// another; so are those that send, if they are not more.
  [[nodiscard]] std::size_t room_of(std::size_t connection) const;
  /// Returns which of the servers a connection goes to. The members of a room go to the servers
  /// in turn, and the first members of the rooms do so too, so that no room is on one server
  /// alone.
  [[nodiscard]] std::size_t server_of(std::size_t connection) const;

  bool progress = true; ///< show a progress line where standard error is a terminal
  std::filesystem::path json;
  std::filesystem::path html;
  std::vector<std::filesystem::path>
      reports; ///< for the command `report`: the files to compare

 private:
  struct seat {
    std::size_t room = 0;
    std::size_t member = 0; ///< the connection's number among those of its room, from 0 on
  };
  [[nodiscard]] seat seat_of(std::size_t connection) const;
};

/// Reads the command line. If it asks for help or is wrong, prints the help or the reason; the
/// error is then the exit status.
[[nodiscard]] expected<options, int> parse_options(int argc, const char* const* argv);

/// Describes the options of a scenario in a line, for the head of a table.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> describe(const options& asked);

} // namespace hubbub::bench
