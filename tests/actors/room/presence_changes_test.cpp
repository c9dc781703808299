#include "actors/room/presence_changes.hpp"
#include "tests/support/catch.hpp"

namespace hubbub::test {
namespace {

using namespace std::chrono_literals;
using user_words = std::vector<std::string>;

constexpr presence_changes::time_point presence_due{1s};
const presence_user ann_herself{"ann", "Ann"};
const presence_user ben_himself{"ben", "Ben"};

/// The changes as words: `+ann` joined, `-ben` left.
user_words news_words(presence_changes& changes) {
  user_words all;
  const auto news = changes.take();
  for (const auto& each : news.joined)
    all.push_back("+" + each.user_id);
  for (const auto& each : news.left)
    all.push_back("-" + each.user_id);
  return all;
}

TEST_CASE("noted joins and leaves are taken out together, once") {
  presence_changes changes;
  CHECK(changes.empty());
  changes.note(ben_himself, false, presence_due);
  changes.note(ann_herself, true, presence_due);
  CHECK(changes.size() == 2);
  CHECK(news_words(changes) == user_words{"+ann", "-ben"});
  CHECK(changes.empty());
  CHECK(news_words(changes).empty());
}

TEST_CASE("noted changes carry the name of their user") {
  presence_changes changes;
  changes.note(ann_herself, true, presence_due);
  CHECK(changes.take().joined.at(0).username == "Ann");
}

TEST_CASE("the first noted change says when all are due") {
  presence_changes changes;
  CHECK_FALSE(changes.due());
  changes.note(ann_herself, true, presence_due);
  changes.note(ben_himself, true, presence_due + 1s);
  CHECK(changes.due() == presence_due);
  (void)changes.take();
  CHECK_FALSE(changes.due());
}

TEST_CASE("a user who came and went unseen has not changed, though something was due") {
  presence_changes changes;
  changes.note(ann_herself, true, presence_due);
  changes.note(ann_herself, false, presence_due);
  CHECK(changes.empty());
  CHECK(changes.due() == presence_due);
  changes.note(ben_himself, false, presence_due);
  changes.note(ben_himself, true, presence_due);
  CHECK(news_words(changes).empty());
}

TEST_CASE("a user who came, was shown and went is told to have left") {
  presence_changes changes;
  changes.note(ann_herself, true, presence_due);
  changes.note_listing();
  changes.note(ann_herself, false, presence_due);
  CHECK(news_words(changes) == user_words{"-ann"});
}

TEST_CASE("a listing before a user came or after a user went shows nothing of it") {
  presence_changes changes;
  changes.note_listing();
  changes.note(ann_herself, true, presence_due);
  changes.note(ann_herself, false, presence_due);
  CHECK(changes.empty());
  changes.note(ann_herself, true, presence_due);
  changes.note_listing();
  changes.note(ann_herself, false, presence_due);
  changes.note(ann_herself, true, presence_due);
  CHECK(news_words(changes) == user_words{"+ann"});
}

} // namespace
} // namespace hubbub::test
