#include "persistence/log_merge.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace hubbub;

namespace {

message entry(std::int64_t seq, std::int64_t rev, bool edited = false) {
  message made;
  made.room = room_id{1};
  made.seq = sequence{seq};
  made.rev = revision{rev};
  if (edited) made.edited_at = timestamp{1};
  return made;
}

room_position at(std::int64_t seq, std::int64_t rev) {
  return {room_id{1}, sequence{seq}, revision{rev}};
}

/// Returns the entries as text: `+` a message or `~` a change, its seq, and the rev after it.
std::string shown(const log_part& part) {
  std::string text;
  for (const auto& each : part.entries)
    text += (each.order    ? "!"
             : each.is_new ? "+" + std::to_string(each.what.seq.value)
                           : "~" + std::to_string(each.what.seq.value)) +
            ("@" + std::to_string(each.after.value) + " ");
  return text;
}

room_order order(std::int64_t rev) {
  room_order made;
  made.room = room_id{1};
  made.rev = revision{rev};
  return made;
}

} // namespace

TEST_CASE("the entries of a log are merged in the order of rev") {
  const auto part = merge_log(at(5, 5), at(7, 9), {{entry(6, 6), entry(7, 8)}, false},
                              {{entry(2, 7, true), entry(3, 9, true)}, false});
  CHECK(shown(part) == "+6@6 ~2@7 +7@8 ~3@9 ");
  CHECK(part.up_to == at(7, 9));
  CHECK_FALSE(part.has_more);
}

TEST_CASE("a message that was changed since comes in its place, and its change later") {
  const auto part = merge_log(at(5, 5), at(7, 8), {{entry(6, 8, true), entry(7, 7)}, false},
                              {{entry(6, 8, true)}, false});
  CHECK(shown(part) == "+6@5 +7@7 ~6@8 ");
  CHECK(part.up_to == at(7, 8));
}

TEST_CASE("orders have the place of their rev") {
  const auto part = merge_log(at(5, 5), at(7, 11), {{entry(6, 6), entry(7, 9)}, false},
                              {{entry(2, 8, true)}, false}, {{order(7), order(10)}, false});
  CHECK(shown(part) == "+6@6 !@7 ~2@8 +7@9 !@10 ");
  CHECK(part.up_to == at(7, 11));
  const auto cut = merge_log(at(5, 5), at(7, 11), {{entry(6, 6), entry(7, 9)}, false}, {},
                             {{order(7)}, true});
  CHECK(shown(cut) == "+6@6 !@7 ");
  CHECK(cut.has_more);
}

TEST_CASE("a message that was changed since comes after an order that may have come first") {
  SECTION("an order between its rev, which is not known, and its change") {
    const auto part =
        merge_log(at(5, 5), at(6, 9), {{entry(6, 9, true)}, false},
                  {{entry(2, 6, true), entry(6, 9, true)}, false}, {{order(7)}, false});
    CHECK(shown(part) == "~2@6 !@7 +6@7 ~6@9 ");
  }
  SECTION("an order after its change") {
    const auto part = merge_log(at(5, 5), at(6, 9), {{entry(6, 7, true)}, false},
                                {{entry(6, 7, true)}, false}, {{order(8)}, false});
    CHECK(shown(part) == "+6@5 ~6@7 !@8 ");
  }
  SECTION("an order after a later message") {
    const auto part = merge_log(at(5, 5), at(7, 9), {{entry(6, 9, true), entry(7, 7)}, false},
                                {{entry(6, 9, true)}, false}, {{order(8)}, false});
    CHECK(shown(part) == "+6@5 +7@7 !@8 ~6@9 ");
  }
  SECTION("an order that the page of orders does not have any more") {
    const auto part = merge_log(at(5, 5), at(6, 12), {{entry(6, 12, true)}, false},
                                {{entry(6, 12, true)}, false}, {{order(7)}, true});
    CHECK(shown(part) == "!@7 ");
    CHECK(part.has_more);
  }
}

TEST_CASE("what is after the end of the entries counts as told") {
  // Retention removed the message that had rev 9.
  CHECK(merge_log(at(5, 5), at(6, 9), {{entry(6, 6)}, false}, {}).up_to == at(6, 9));
  CHECK(merge_log(at(5, 5), at(5, 5), {}, {}).up_to == at(5, 5));
}

TEST_CASE("the entries of a cut page end where something is missing") {
  SECTION("messages") {
    const auto part = merge_log(at(5, 5), at(9, 20), {{entry(6, 6), entry(7, 8)}, true},
                                {{entry(2, 7, true), entry(8, 15, true)}, false});
    CHECK(shown(part) == "+6@6 ~2@7 +7@8 ");
    CHECK(part.up_to == at(7, 8));
    CHECK(part.has_more);
  }
  SECTION("changes") {
    const auto part = merge_log(at(5, 5), at(9, 20), {{entry(6, 6), entry(7, 18)}, false},
                                {{entry(2, 7, true), entry(3, 8, true)}, true});
    CHECK(shown(part) == "+6@6 ~2@7 ~3@8 ");
    CHECK(part.up_to == at(6, 8));
    CHECK(part.has_more);
  }
}
