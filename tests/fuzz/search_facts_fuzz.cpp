// A block of facts about messages, from a database that may be damaged.
#include "persistence/sqlite/sqlite_search_facts.hpp"
#include "tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace {

using namespace hubbub;
using facts_by_place = std::vector<std::optional<search_facts>>;

facts_by_place all_of(const facts_block& block) {
  facts_by_place all;
  for (std::int64_t id = 0; id < facts_block::messages; ++id)
    all.push_back(block.at(message_id{id}));
  return all;
}

} // namespace

/// Reads the input as a block, and changes some of its facts by its last bytes: what was not
/// changed stays as it was, what was changed is as it was told or is not known.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using hubbub::test::require;
  const std::span<const std::uint8_t> input{data, size};
  facts_block block;
  block.assign(input);
  auto expected = all_of(block);
  const auto told = input.last(size % 97 / 8 * 8); // up to twelve changes of eight bytes
  std::vector<facts_block::change> changes;
  std::int64_t id = 0;
  for (std::size_t i = 0; i + 8 <= told.size(); i += 8) {
    id += 1 + told[i] % 100;
    const std::int64_t room = told[i + 1] + 256 * (told[i + 2] % 2);
    const std::int64_t length = told[i + 3] + 256 * told[i + 4] + 65'536 * (told[i + 5] % 2);
    facts_block::change each{message_id{id}, std::nullopt};
    if (told[i + 6] % 8 != 0) each.facts = search_facts{room_id{room}, length};
    changes.push_back(each);
  }
  if (changes.empty()) return 0;
  block.change_all(changes);
  const auto found = all_of(block);
  for (const auto& [changed, facts] : changes)
    expected[static_cast<std::size_t>(changed.value)] = facts;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) continue;
    require(expected[i].has_value());
    require(found[i]->room == expected[i]->room && found[i]->length == expected[i]->length);
  }
  facts_block again;
  again.assign(block.stored());
  for (std::size_t i = 0; i < found.size(); ++i)
    require(again.at(message_id{static_cast<std::int64_t>(i)}).has_value() ==
            found[i].has_value());
  return 0;
}
