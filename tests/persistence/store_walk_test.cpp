// What every store must do: any walk of pages returns each message once, whatever is written,
// deleted and removed meanwhile.
#include "tests/persistence/store_fixture.hpp"

#include <map>
#include <random>
#include <set>

using namespace hubbub;
using namespace hubbub::test;

namespace {

/// A room in which much happens: users write, edit and delete, the clock jumps, retention
/// removes.
class busy_room {
 public:
  busy_room(const store_config& config, unsigned seed)
      : db_(with_retention(config)), room_(db_.create("tea")), random_(seed) {
    for (int i = 0; i < 60; ++i)
      write();
  }

  std::int64_t draw(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>{low, high}(random_);
  }

  void write() {
    at_.value += draw(0, 9) ? draw(0, 20) : -draw(0, 300);
    std::vector<write_op> ops;
    for (auto left = draw(0, 3) ? 1 : draw(3, 6); left > 0; --left)
      ops.emplace_back(say(room_, draw(0, 2) ? "ann" : "bob", "x"));
    for (const auto& each : db_.writer().commit(ops, at_)) {
      const auto& sent = std::get<appended>(each).stored;
      all_[sent.seq] = sent;
    }
    if (draw(0, 4)) return;
    const auto& chosen = std::next(all_.begin(), draw(0, std::ssize(all_) - 1))->second;
    if (draw(0, 1))
      std::ignore = db_.write(op::delete_message{room_, chosen.seq, chosen.user_id}, at_);
    else
      std::ignore =
          db_.write(op::edit_message{room_, chosen.seq, chosen.user_id, "edited"}, at_);
  }
  void write_some() {
    for (auto left = draw(0, 3); left > 0; --left)
      write();
    if (draw(0, 3) == 0) std::ignore = db_.writer().purge(at_);
  }

  message_page page(const message_range& range) { return db_.page(range); }
  [[nodiscard]] room_id id() const { return room_; }
  sequence first() { return db_.reader().find_room(room_)->first_seq; }
  sequence last() { return db_.reader().find_room(room_)->last_seq; }
  [[nodiscard]] timestamp now() const { return at_; }

  /// Returns the messages from `first` to `last` that the filters of `range` let pass.
  std::set<std::int64_t> matching(const message_range& range, sequence first, sequence last) {
    std::set<std::int64_t> seqs;
    for (const auto& [seq, each] : all_) {
      if (seq < first || seq > last) continue;
      if (range.user_id && each.user_id != *range.user_id) continue;
      if (range.from && each.created_at < *range.from) continue;
      if (range.until && each.created_at >= *range.until) continue;
      seqs.insert(seq.value);
    }
    return seqs;
  }

 private:
  static store_config with_retention(store_config config) {
    config.retention = {{.room_pattern = "*", .max_messages = 80}};
    return config;
  }

  opened db_;
  room_id room_;
  std::mt19937 random_;
  timestamp at_ = test::now;
  std::map<sequence, message> all_;
};

/// Collects the messages of pages; each message may come once.
class collector {
 public:
  void add(const message_page& page) {
    std::int64_t before = 0;
    for (const auto& each : page.messages) {
      REQUIRE(each.seq.value > before);
      before = each.seq.value;
      REQUIRE(seqs_.insert(each.seq.value).second);
    }
  }
  /// Checks that everything that was there all the time was found, and nothing that does not
  /// match.
  void check(busy_room& room, const message_range& range, sequence first, sequence last) const {
    for (const auto seq : room.matching(range, std::max(first, room.first()), last))
      REQUIRE(seqs_.contains(seq));
    const auto possible = room.matching(range, first, room.last());
    for (const auto seq : seqs_)
      REQUIRE(possible.contains(seq));
  }
  [[nodiscard]] bool empty() const { return seqs_.empty(); }
  [[nodiscard]] sequence oldest() const { return sequence{*seqs_.begin()}; }
  [[nodiscard]] sequence newest() const { return sequence{*seqs_.rbegin()}; }

 private:
  std::set<std::int64_t> seqs_;
};

message_range some_filters(busy_room& room) {
  message_range range{.room = room.id()};
  if (room.draw(0, 2) == 0) range.user_id = "bob";
  if (room.draw(0, 2) == 0) range.from = timestamp{room.now().value - room.draw(0, 900)};
  if (room.draw(0, 2) == 0) range.until = timestamp{room.now().value - room.draw(-50, 600)};
  return range;
}

/// Walks from where `seen` begins or ends to the end of the log.
void walk(busy_room& room, message_range range, collector& seen, bool back, bool more) {
  while (more) {
    range.limit = room.draw(1, 20);
    if (back)
      range.before = seen.oldest();
    else
      range.after = seen.newest();
    const auto page = room.page(range);
    seen.add(page);
    more = page.has_more;
    if (more) REQUIRE_FALSE(page.messages.empty());
    room.write_some();
  }
}

} // namespace

STORE_TEST_CASE("any walk of pages gives each message once whatever happens meanwhile") {
  for (unsigned seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    TestType backend;
    busy_room room{backend.config(), seed};
    for (int round = 0; round < 6; ++round) {
      CAPTURE(round);
      const auto filters = some_filters(room);
      const auto first = room.first();
      const auto last = room.last();
      auto start = filters;
      start.limit = room.draw(1, 20);
      collector seen;
      const auto way = room.draw(0, 2);
      if (way == 0) start.after = sequence{0};
      if (way == 1) start.around = sequence{room.draw(0, last.value + 2)};
      const auto page = room.page(start);
      seen.add(page);
      room.write_some();
      if (!seen.empty()) {
        walk(room, filters, seen, false, way == 1 ? page.has_more : way == 0 && page.has_more);
        walk(room, filters, seen, true,
             way == 1 ? page.has_more_before : way == 2 && page.has_more);
      }
      seen.check(room, filters, first, last);
    }
  }
}
