// A block of facts about messages, from a database that may be damaged.
#include "persistence/sqlite/sqlite_search_facts.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
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

bool are_same(const facts_by_place& one, const facts_by_place& other) {
  const auto same = [](const std::optional<search_facts>& a,
                       const std::optional<search_facts>& b) {
    if (!a || !b) return a.has_value() == b.has_value();
    return a->room == b->room && a->length == b->length;
  };
  return std::ranges::equal(one, other, same);
}

/// No block holds a greater length, in two bytes of which the greatest number means "not
/// known".
constexpr std::int64_t longest_known = 65'534;

} // namespace

/// Reads the input as a block, and changes some of its facts by its last bytes: what was not
/// changed stays as it was, what was changed is as it was told, unless no block holds that.
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
    expected[static_cast<std::size_t>(changed.value)] =
        facts && facts->length <= longest_known ? facts : std::nullopt;
  require(are_same(found, expected));
  facts_block again;
  again.assign(block.stored());
  require(are_same(all_of(again), found));
  return 0;
}
