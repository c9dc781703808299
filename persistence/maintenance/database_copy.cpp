#include "persistence/maintenance/copy_side.hpp"
#include "persistence/maintenance/maintenance.hpp"
#include "persistence/postgres/pg_address.hpp"

#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace hubbub {

namespace {

// Bounds the memory in use: some megabytes if every message has the greatest length.
constexpr std::int64_t rows_a_step = 1'000;

/// The format of an unfinished copy, the first word of its signature. Copies of versions before
/// it have no such word.
constexpr std::string_view copy_format = "2 ";

using side = std::unique_ptr<copy_side>;

expected<side, std::string> open_side(const std::string& path, bool is_target) {
  return pg::is_address(path) ? open_postgres_side(path, is_target)
                              : open_sqlite_side(path, is_target);
}

/// Returns a key that is lower than any other.
copied_row before_all(const copied_table& table) {
  copied_row key;
  for (std::size_t i = 0; i < table.key; ++i) {
    if (table.columns[i] == cell_kind::number)
      key.emplace_back(std::numeric_limits<std::int64_t>::min());
    else
      key.emplace_back(std::string{});
  }
  return key;
}

copied_row key_of(const copied_table& table, const copied_row& row) {
  return {row.begin(), row.begin() + static_cast<std::ptrdiff_t>(table.key)};
}

/// A sum over all that it is given, in order (FNV-1a).
class running_sum {
 public:
  void add(const copied_cell& cell) {
    add_byte(static_cast<std::uint8_t>(cell.index()));
    if (const auto* number = std::get_if<std::int64_t>(&cell)) add(*number);
    const auto* text = std::get_if<std::string>(&cell);
    if (!text) return;
    add(std::ssize(*text));
    for (const char c : *text)
      add_byte(static_cast<std::uint8_t>(c));
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  void add(std::int64_t number) {
    for (unsigned shift = 0; shift < 64; shift += 8)
      add_byte(static_cast<std::uint8_t>(static_cast<std::uint64_t>(number) >> shift));
  }
  void add_byte(std::uint8_t byte) { value_ = (value_ ^ byte) * 1'099'511'628'211U; }

  std::uint64_t value_ = 14'695'981'039'346'656'037U;
};

expected<void, std::string> add_rows(copy_side& source, const copied_table& table,
                                     running_sum& sum) {
  for (auto after = before_all(table);;) {
    const auto page = source.page(table, after, rows_a_step);
    if (!page) return unexpected(page.error());
    if (page->empty()) return {};
    for (const auto& row : *page)
      for (const auto& cell : row)
        sum.add(cell);
    after = key_of(table, page->back());
  }
}

/// Returns a text that tells one source from another, and from itself after a write.
expected<std::string, std::string> signature_of(copy_side& source) {
  const auto globals = source.globals();
  if (!globals) return unexpected(globals.error());
  std::string signature{copy_format};
  for (const char c : globals->secret)
    signature += std::to_string(static_cast<unsigned char>(c)) + " ";
  signature += std::to_string(globals->last_message_id);
  running_sum sum;
  for (const auto& table : copied_tables()) {
    const auto rows = source.count(table);
    if (!rows) return unexpected(rows.error());
    signature += " " + std::to_string(*rows);
    // Messages need not be read: each change of one raises the `rev` of its room.
    if (std::string_view{table.name} == "messages") continue;
    if (const auto added = add_rows(source, table, sum); !added)
      return unexpected(added.error());
  }
  return signature + " " + std::to_string(sum.value());
}

/// Prepares the target, which must be empty or hold the beginning of this copy.
expected<void, std::string> prepare(copy_side& source, copy_side& target,
                                    const std::string& to) {
  const auto signature = signature_of(source);
  if (!signature) return unexpected(signature.error());
  const auto from = target.copied_from();
  if (!from) return unexpected(from.error());
  if (*from == *signature) return {};
  if (!from->empty() && !from->starts_with(copy_format))
    return unexpected(
        "the database " + to +
        " holds the beginning of a copy by another version of Hubbub: remove it and "
        "copy again");
  if (!from->empty())
    return unexpected("the database " + to +
                      " holds the beginning of another copy, or of one from a source that has "
                      "been written to since: remove it and copy again");
  for (const auto& table : copied_tables()) {
    const auto rows = target.count(table);
    if (!rows) return unexpected(rows.error());
    if (*rows > 0)
      return unexpected("the database " + to + " has " + table.name +
                        " already: copy into an empty one");
  }
  return target.begin(*signature);
}

expected<void, std::string> copy_table(const copied_table& table, copy_side& source,
                                       copy_side& target, const copy_progress& progress) {
  const auto all = source.count(table);
  if (!all) return unexpected(all.error());
  const auto there = target.count(table);
  if (!there) return unexpected(there.error());
  auto done = *there;
  auto last = target.last(table);
  if (!last) return unexpected(last.error());
  auto after = last->empty() ? before_all(table) : *std::move(last);
  progress(table.name, done, *all);
  for (;;) {
    const auto page = source.page(table, after, rows_a_step);
    if (!page) return unexpected(page.error());
    if (page->empty()) break;
    if (auto written = target.write(table, *page); !written) return written;
    after = key_of(table, page->back());
    done += std::ssize(*page);
    progress(table.name, done, *all);
  }
  if (done != *all)
    return unexpected("there are " + std::to_string(*all) + " " + table.name + ", of which " +
                      std::to_string(done) + " were copied");
  return {};
}

} // namespace

expected<void, std::string> copy_database(const std::string& from, const std::string& to,
                                          const copy_progress& progress) {
  auto source = open_side(from, false);
  if (!source) return unexpected(std::move(source.error()));
  auto target = open_side(to, true);
  if (!target) return unexpected(std::move(target.error()));
  if (auto prepared = prepare(**source, **target, to); !prepared) return prepared;
  for (const auto& table : copied_tables())
    if (auto copied = copy_table(table, **source, **target, progress); !copied) return copied;
  const auto globals = (*source)->globals();
  if (!globals) return unexpected(globals.error());
  return (*target)->finish(*globals, progress);
}

} // namespace hubbub
