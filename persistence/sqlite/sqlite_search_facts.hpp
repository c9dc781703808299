#pragma once

#include "persistence/sqlite/sqlite_handle.hpp"
#include "proto/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hubbub {

/// What a search needs to know about a message besides its words. It is kept for blocks of
/// messages, so that ranking ten thousand matches reads a few blocks, not ten thousand rows.
struct search_facts {
  room_id room;
  std::int64_t length = 0; ///< in words
};

/// The facts about messages with consecutive ids, as they are stored: the rooms that occur, for
/// each message the number of its room among them, and for each message its length. Numbers are
/// as short as the block allows; in a block of one room a message takes one byte.
class facts_block {
 public:
  static constexpr std::int64_t messages = 1'500;
  static std::int64_t of(message_id id) { return id.value / messages; }

  /// Takes a stored block. One that is damaged, or of another layout, knows nothing.
  void assign(std::span<const std::uint8_t> stored);
  /// Returns nothing for a message whose facts are not known.
  [[nodiscard]] std::optional<search_facts> at(message_id id) const;

  /// A message's facts within the block that is written.
  struct change {
    message_id id;
    std::optional<search_facts> facts; ///< nothing: they are not known
  };
  /// Changes the facts about some messages, in rising order of ids.
  void change_all(std::span<const change> changed);
  [[nodiscard]] std::span<const std::uint8_t> stored() const { return bytes_; }

 private:
  [[nodiscard]] std::uint64_t number(std::size_t begin, std::size_t width,
                                     std::size_t index) const;
  void overwrite(std::size_t begin, std::size_t width, std::size_t index, std::uint64_t value);
  void put(std::uint64_t value, std::size_t width);
  /// Changes only the numbers of these messages, which is how most steps end. Returns false if
  /// the block must be laid out anew, for another room or a longer message.
  [[nodiscard]] bool change_in_place(std::span<const change> changed);

  std::vector<std::uint8_t> bytes_;
  std::size_t rooms_ = 0;        ///< how many rooms there are
  std::size_t room_width_ = 0;   ///< bytes of a message's room
  std::size_t length_width_ = 0; ///< bytes of a message's length; 0: the block knows nothing
};

/// Returns the place of a block in the table `search_facts`, which has the blocks of all
/// indexes of a database. What is missing there has to be looked up elsewhere.
[[nodiscard]] inline std::int64_t facts_place(std::int64_t generation, std::int64_t block) {
  return (generation << 40U) + block;
}

/// Reads the facts of one index. The caller holds a snapshot, and says when it begins.
class search_facts_reader {
 public:
  search_facts_reader(const sqlite::database& db, std::int64_t generation);

  void start() { number_ = -1; }
  /// Returns the facts about a message; nothing if they are not known. Fastest in order of ids.
  [[nodiscard]] expected<std::optional<search_facts>, store_error> of(message_id id);

 private:
  std::int64_t generation_;
  sqlite::statement read_;
  facts_block block_;
  std::int64_t number_ = -1;
};

/// Writes the facts of one index, in the transactions that write its words. The words are
/// counted by FTS5, in the table `docsize`.
class search_facts_writer {
 public:
  /// `messages` names the table of the messages, which has their `id`.
  search_facts_writer(const sqlite::database& db, std::int64_t generation,
                      const std::string& table, const std::string& messages);
  search_facts_writer(const search_facts_writer&) = delete;
  search_facts_writer& operator=(const search_facts_writer&) = delete;
  [[nodiscard]] sqlite::status prepare() {
    return prepare_all(read_, write_, sizes_, drop_old_);
  }

  /// Forgets what a transaction that failed has left.
  void start() { touched_.clear(); }
  /// Notes that the words of a message were written.
  void add(message_id id, room_id room) { touched_.push_back({id, room}); }
  /// Writes the facts about the messages that were noted.
  [[nodiscard]] sqlite::status store();
  /// Removes the blocks before the oldest message.
  [[nodiscard]] sqlite::status drop_old() { return drop_old_.run(); }

 private:
  struct written {
    message_id id;
    room_id room;
  };

  /// Writes those of one block, in the order of their ids.
  [[nodiscard]] sqlite::status store_block(std::span<const written> changed);

  std::int64_t generation_;
  std::string sizes_sql_;
  std::string drop_old_sql_;
  sqlite::statement read_;
  sqlite::statement write_;
  sqlite::statement sizes_;
  sqlite::statement drop_old_;
  std::vector<written> touched_;
};

} // namespace hubbub
