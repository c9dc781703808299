#include "persistence/sqlite/sqlite_search_facts.hpp"

#include "persistence/sqlite/sqlite_posting_pages.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace hubbub {

namespace {

constexpr auto read_block = "SELECT facts FROM search_facts WHERE place = ?";
constexpr auto write_block = "INSERT OR REPLACE INTO search_facts VALUES (?, ?)";

constexpr std::size_t header_size = 4; // the widths, and the number of rooms in two bytes
constexpr std::size_t room_size = 4;
constexpr std::int64_t most_rooms = std::numeric_limits<std::uint32_t>::max();
constexpr std::int64_t most_counted_words = std::numeric_limits<std::uint16_t>::max() - 1;

/// Returns the greatest number of this width, which stands for a length that is not known.
constexpr std::uint64_t unknown_length(std::size_t width) {
  return (std::uint64_t{1} << 8U * width) - 1;
}

/// Returns the number of words in the first column, from a record of `docsize`.
std::optional<std::int64_t> first_size(std::span<const std::uint8_t> record) {
  std::array<std::uint8_t, 16> bytes{};
  std::ranges::copy(record.first(std::min(record.size(), std::size_t{9})), bytes.begin());
  if (record.empty()) return std::nullopt;
  return static_cast<std::int64_t>(read_posting_number(bytes.data()).value);
}

/// True if the facts are such that a block can hold them.
bool is_storable(const search_facts& facts) {
  return facts.room.value >= 0 && facts.room.value <= most_rooms && facts.length >= 0 &&
         facts.length <= most_counted_words;
}

} // namespace

std::uint64_t facts_block::number(std::size_t begin, std::size_t width,
                                  std::size_t index) const {
  const auto* at = bytes_.data() + begin + index * width;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i)
    value |= std::uint64_t{at[i]} << 8U * i;
  return value;
}

void facts_block::overwrite(std::size_t begin, std::size_t width, std::size_t index,
                            std::uint64_t value) {
  auto* at = bytes_.data() + begin + index * width;
  for (std::size_t i = 0; i < width; ++i)
    at[i] = static_cast<std::uint8_t>(value >> 8U * i);
}

void facts_block::put(std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i)
    bytes_.push_back(static_cast<std::uint8_t>(value >> 8U * i));
}

void facts_block::assign(std::span<const std::uint8_t> stored) {
  length_width_ = 0;
  if (stored.size() < header_size) return;
  bytes_.assign(stored.begin(), stored.end());
  room_width_ = bytes_[0];
  rooms_ = number(2, 2, 0);
  const auto size = header_size + rooms_ * room_size + (room_width_ + bytes_[1]) * messages;
  const bool has_widths = room_width_ <= 2 && (bytes_[1] == 1 || bytes_[1] == 2);
  if (has_widths && rooms_ > 0 && size == bytes_.size()) length_width_ = bytes_[1];
}

std::optional<search_facts> facts_block::at(message_id id) const {
  if (length_width_ == 0) return std::nullopt;
  const auto index = static_cast<std::size_t>(id.value % messages);
  const auto numbers = header_size + rooms_ * room_size;
  const auto length = number(numbers + room_width_ * messages, length_width_, index);
  const auto room = room_width_ == 0 ? 0 : number(numbers, room_width_, index);
  if (length == unknown_length(length_width_) || room >= rooms_) return std::nullopt;
  return search_facts{room_id{static_cast<std::int64_t>(number(header_size, room_size, room))},
                      static_cast<std::int64_t>(length)};
}

bool facts_block::change_in_place(std::span<const change> changed) {
  // In more rooms the search for a message's room costs more than it saves.
  if (length_width_ == 0 || rooms_ > 256) return false;
  const auto unknown = unknown_length(length_width_);
  const auto numbers = header_size + rooms_ * room_size;
  const auto lengths = numbers + room_width_ * messages;
  std::size_t room = 0; // neighbours are often in the same room
  for (const auto& [id, facts] : changed) {
    auto length = unknown;
    if (facts && is_storable(*facts)) {
      const auto wanted = static_cast<std::uint64_t>(facts->room.value);
      for (std::size_t tried = 0; number(header_size, room_size, room) != wanted; ++tried) {
        if (tried == rooms_) return false;
        room = (room + 1) % rooms_;
      }
      length = static_cast<std::uint64_t>(facts->length);
      if (length >= unknown) return false;
    }
    const auto index = static_cast<std::size_t>(id.value % messages);
    if (length != unknown) overwrite(numbers, room_width_, index, room);
    overwrite(lengths, length_width_, index, length);
  }
  return true;
}

void facts_block::change_all(std::span<const change> changed) {
  if (change_in_place(changed)) return;
  struct entry {
    std::uint64_t room = 0;
    std::int64_t length = -1;
  };
  std::vector<entry> all(messages);
  std::vector<room_id> rooms;
  std::int64_t longest = 0;
  const auto first = of(changed.front().id) * messages;
  auto next = changed.begin();
  for (std::int64_t i = 0; i < messages; ++i) {
    const message_id id{first + i};
    auto facts = at(id);
    for (; next != changed.end() && next->id == id; ++next)
      facts = next->facts;
    if (!facts || !is_storable(*facts)) continue;
    // Neighbours are often in the same room.
    auto known = std::find(rooms.rbegin(), rooms.rend(), facts->room);
    if (known == rooms.rend()) {
      rooms.push_back(facts->room);
      known = rooms.rbegin();
    }
    all[static_cast<std::size_t>(i)] = {static_cast<std::uint64_t>(rooms.rend() - known - 1),
                                        facts->length};
    longest = std::max(longest, facts->length);
  }
  if (rooms.empty()) rooms.emplace_back();
  rooms_ = rooms.size();
  room_width_ = rooms_ == 1 ? 0 : rooms_ <= 256 ? 1 : 2;
  length_width_ = longest < static_cast<std::int64_t>(unknown_length(1)) ? 1 : 2;
  bytes_.clear();
  bytes_.reserve(header_size + rooms_ * room_size + (room_width_ + length_width_) * messages);
  put(room_width_, 1);
  put(length_width_, 1);
  put(rooms_, 2);
  for (const auto room : rooms)
    put(static_cast<std::uint64_t>(room.value), room_size);
  for (const auto& each : all)
    put(each.room, room_width_);
  for (const auto& each : all)
    put(each.length < 0 ? unknown_length(length_width_)
                        : static_cast<std::uint64_t>(each.length),
        length_width_);
}

search_facts_reader::search_facts_reader(const sqlite::database& db, std::int64_t generation)
    : generation_(generation), read_(db, read_block) {}

expected<std::optional<search_facts>, store_error> search_facts_reader::of(message_id id) {
  if (const auto number = facts_block::of(id); number != number_) {
    auto found = read_.query(facts_place(generation_, number));
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    block_.assign(*row ? found.blob(0) : std::span<const std::uint8_t>{});
    number_ = number;
  }
  return block_.at(id);
}

search_facts_writer::search_facts_writer(const sqlite::database& db, std::int64_t generation,
                                         const std::string& table, const std::string& messages)
    : generation_(generation),
      sizes_sql_("SELECT id, sz FROM " + table + "_docsize WHERE id BETWEEN ? AND ?"),
      drop_old_sql_("DELETE FROM search_facts WHERE place >= " +
                    std::to_string(facts_place(generation, 0)) + " AND place < " +
                    std::to_string(facts_place(generation, 0)) +
                    " + coalesce((SELECT min(id) FROM " + messages + "), 0) / " +
                    std::to_string(facts_block::messages)),
      read_(db, read_block), write_(db, write_block), sizes_(db, sizes_sql_),
      drop_old_(db, drop_old_sql_) {}

sqlite::status search_facts_writer::store() {
  auto changed = std::exchange(touched_, {});
  std::ranges::stable_sort(changed, {}, &written::id);
  for (auto rest = std::span<const written>{changed}; !rest.empty();) {
    const auto block = facts_block::of(rest.front().id);
    const auto end = std::ranges::find_if(
        rest, [&](const written& each) { return facts_block::of(each.id) != block; });
    const auto count = static_cast<std::size_t>(end - rest.begin());
    if (const auto stored = store_block(rest.first(count)); !stored) return stored;
    rest = rest.subspan(count);
  }
  return {};
}

sqlite::status search_facts_writer::store_block(std::span<const written> changed) {
  const auto place = facts_place(generation_, facts_block::of(changed.front().id));
  facts_block block;
  {
    auto found = read_.query(place);
    const auto row = found.next();
    if (!row) return unexpected(row.error());
    if (*row) block.assign(found.blob(0));
  }
  std::vector<facts_block::change> notes;
  notes.reserve(changed.size());
  for (const auto& each : changed)
    notes.push_back({each.id, std::nullopt});
  auto next = changed.begin();
  auto sizes = sizes_.query(changed.front().id, changed.back().id);
  for (;;) {
    const auto row = sizes.next();
    if (!row) return unexpected(row.error());
    if (!*row) break;
    const auto id = sizes.number<message_id>(0);
    while (next != changed.end() && next->id < id)
      ++next;
    const auto length = first_size(sizes.blob(1));
    // A message that was written twice is there twice.
    for (; length && next != changed.end() && next->id == id; ++next)
      notes[static_cast<std::size_t>(next - changed.begin())].facts = {next->room, *length};
  }
  block.change_all(notes);
  return write_.run(place, block.stored());
}

} // namespace hubbub
