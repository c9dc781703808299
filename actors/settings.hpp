#pragma once

#include "actors/limits/rate_settings.hpp"
#include "proto/chat/slow_reader.hpp"
#include "proto/limits.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hubbub {

/// How the chat behaves: what the configuration says about rooms and sessions.
struct chat_settings {
  chat_limits limits;
  /// A join of an unknown name creates the room.
  bool auto_create_rooms = true;
  /// Messages may be edited and deleted though names are unproven.
  bool open_edit = false;
  /// The sending socket gets `new_message` even where the ack is its copy.
  bool echo_to_sender = false;
  /// In rooms with more users than this, joins and leaves are told together, once a second.
  std::size_t presence_threshold = 500;
  std::chrono::milliseconds presence_interval{1'000};
  /// Users whose joins and leaves are told together; past it they are told at once. A bound on
  /// what waits and on the length of the event.
  std::size_t presence_changes = 5'000;
  /// `typing` turns false by itself after this long without renewal.
  std::chrono::milliseconds typing_timeout{6'000};
  /// How long a room without members stays awake, so that it is not woken again and again.
  std::chrono::milliseconds room_linger{10'000};
  /// Requests one socket may have waiting for rooms; past it `overloaded`. Mailboxes have no
  /// bound of their own.
  std::size_t requests_per_socket = 1'000;
  /// Users a room may have at once: what each join and leave costs all others.
  std::int64_t members_per_room = 100'000;
  /// How fast clients may go on.
  rate_settings rates;
  /// How long after the end of its connection a session can be recovered.
  std::chrono::milliseconds recovery_window{120'000};
  /// Appends one room may have waiting for the writer; past it `overloaded`.
  std::size_t appends_per_room = 5'000;
  /// What rooms do to members that do not read; the first rule that fits counts.
  std::vector<slow_reader_rule> slow_readers;
  /// Messages, edits and markers that the rooms of one io thread may have waiting for the
  /// writer together; past it `overloaded`. About a second of its work; at the longest content
  /// some 300 MB.
  std::size_t writes_per_thread = 20'000;
  /// Requests one room may have waiting, of all its sockets and of those that are gone: for the
  /// log to be read, or for what their socket asked before. Past it `overloaded`. As many as
  /// there may be who join one room at once after a restart.
  std::size_t requests_per_room = 50'000;
  /// Sessions and HTTP requests that may wait at once for a room to be found or made; past it
  /// `overloaded`. As many as there may be sessions that come back together after a restart.
  std::size_t lookups = 50'000;
  /// Clients that may wait at once to be given their session back; past it they get a fresh
  /// one, and are told what they missed. The same.
  std::size_t claims = 50'000;
  /// Connections one user may have at once. People have a handful, with all their devices and
  /// pages; the rest is for accounts that programs share. In open mode whoever takes a user's
  /// name takes from these too.
  std::size_t connections_per_user = 1'000;
  /// HTTP requests one io thread may have unanswered, of clients that are gone too; past it
  /// `overloaded`.
  std::size_t api_calls_per_thread = 10'000;
};

} // namespace hubbub
