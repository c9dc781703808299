#pragma once

#include "actors/limits/rate_settings.hpp"
#include "proto/chat/slow_reader_rules.hpp"
#include "proto/limits.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hubbub {

/// The settings of the chat: how rooms and sessions behave.
struct chat_settings {
  chat_limits limits;
  /// If true, a join of an unknown name creates the room.
  bool auto_create_rooms = true;
  /// If true, messages may be edited and deleted even though names are not proven.
  bool open_edit = false;
  bool search = true; ///< clients are told that they can search; set by `store_config::search`
  /// If true, the sending socket gets `new_message` even though the ack is its copy.
  bool echo_to_sender = false;
  /// Number of users above which a room sends joins and leaves together, once a second.
  std::size_t presence_threshold = 500;
  std::chrono::milliseconds presence_interval{1'000};
  /// Maximum number of users whose joins and leaves are sent together; with more of them they
  /// are sent at once. It bounds what waits, and the length of the event.
  std::size_t presence_changes = 5'000;
  /// Time without renewal after which `typing` turns false automatically.
  std::chrono::milliseconds typing_timeout{6'000};
  /// How long a room without members stays awake, so that it is not woken again and again.
  std::chrono::milliseconds room_linger{10'000};
  /// Maximum number of requests of one socket that may wait for rooms; more are `overloaded`.
  /// Mailboxes have no bound of their own.
  std::size_t requests_per_socket = 1'000;
  /// Maximum number of users in a room at once: each join and leave costs something for all
  /// others.
  std::int64_t members_per_room = 100'000;
  /// The rates of clients.
  rate_settings rates;
  /// How often a server that shares its database looks for what others wrote.
  std::chrono::milliseconds head_poll{1'000};
  /// How long a node that shares its database may be silent before the others drop its members.
  std::chrono::milliseconds node_lease{10'000};
  /// How long after the end of its connection a session can be recovered.
  std::chrono::milliseconds recovery_window{120'000};
  /// Maximum number of appends of one room that may wait for the writer; more are `overloaded`.
  std::size_t appends_per_room = 5'000;
  /// What rooms do to members that do not read; the first rule that matches applies.
  std::vector<slow_reader_rule> slow_readers;
  /// Maximum number of messages, edits and markers of the rooms of one io thread that may wait
  /// for the writer together; more are `overloaded`. It is about a second of the writer's work,
  /// and about 300 MB at the longest content.
  std::size_t writes_per_thread = 20'000;
  /// Maximum number of requests that may wait in one room, of all its sockets and of those that
  /// are gone: for the log to be read, or for earlier requests of their socket. More are
  /// `overloaded`. It is as many clients as may join one room at once after a restart.
  std::size_t requests_per_room = 50'000;
  /// Maximum number of sessions and HTTP requests that may wait for a room to be found or
  /// created; more are `overloaded`. It is as many sessions as may return together after a
  /// restart.
  std::size_t lookups = 50'000;
  /// Maximum number of clients that may wait for their session to be recovered; more get a
  /// fresh session, and are told what they missed. It is as many sessions as may return
  /// together after a restart.
  std::size_t claims = 50'000;
  /// Maximum number of connections of one user at once. People have a few, with all their
  /// devices and pages; the rest is for accounts that programs share. In open mode anyone who
  /// uses a user's name takes from these too.
  std::size_t connections_per_user = 1'000;
  /// Maximum number of unanswered HTTP requests of one io thread, including those of clients
  /// that are gone; more are `overloaded`.
  std::size_t api_calls_per_thread = 10'000;
};

} // namespace hubbub
