#include "persistence/sqlite/sqlite_ranked_search.hpp"

#include "persistence/sqlite/sqlite_posting_list.hpp"
#include "persistence/sqlite/sqlite_search_rank.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <unordered_set>
#include <utility>

namespace hubbub {

namespace {

/// A query of more words is left to FTS5: each list that is read takes some kilobytes.
constexpr std::size_t most_lists = 32;

struct ranked_message {
  double rank;
  std::int64_t id;
};

/// True if `a` comes first: less is better, and of two that are equal the newer one.
bool is_better(const ranked_message& a, const ranked_message& b) {
  return a.rank < b.rank || (a.rank == b.rank && a.id > b.id);
}

/// The best of the messages that it takes, as many as are asked for. They come in falling order
/// of ids.
class best_messages {
 public:
  explicit best_messages(std::int64_t count) : most_(static_cast<std::size_t>(count)) {}

  void take(const ranked_message& next) {
    if (kept_.size() < most_) {
      kept_.push_back(next);
    } else {
      if (kept_.empty() || !is_better(next, kept_.front())) return;
      std::ranges::pop_heap(kept_, is_better);
      kept_.back() = next;
    }
    std::ranges::push_heap(kept_, is_better); // the worst is the first
  }
  /// Returns them without the first ones.
  [[nodiscard]] std::vector<message_id> from(std::int64_t offset) && {
    std::ranges::sort_heap(kept_, is_better);
    std::vector<message_id> ids;
    for (auto i = static_cast<std::size_t>(offset); i < kept_.size(); ++i)
      ids.push_back(message_id{kept_[i].id});
    return ids;
  }

 private:
  std::size_t most_;
  std::vector<ranked_message> kept_;
};

} // namespace

/// Meets the rows that have all phrases of a query, from the newest to the oldest.
class sqlite_ranked_search::walk {
 public:
  walk(sqlite_posting_pages& pages, const std::vector<posting_segment>& segments)
      : pages_(pages), segments_(segments) {}

  /// Adds a phrase that rows must have in their content.
  void add(const query_phrase& phrase) {
    const auto begin = lists_.size();
    for (std::size_t i = 0; i < phrase.words.size(); ++i)
      lists_.emplace_back(pages_, segments_, phrase.words[i],
                          phrase.open_ended && i + 1 == phrase.words.size(),
                          posting_column::content);
    phrases_.push_back({begin, lists_.size()});
  }
  /// Adds a word that rows must have in their scope.
  void add_scope(const std::string& word) {
    lists_.emplace_back(pages_, segments_, word, false, posting_column::scope);
  }
  /// Does the same if that leaves fewer pages to read; returns whether it did.
  bool add_scope_if_narrow(const std::string& word) {
    auto shortest = std::numeric_limits<std::int64_t>::max();
    for (const auto& each : lists_)
      shortest = std::min(shortest, each.pages());
    add_scope(word);
    if (lists_.back().pages() < shortest) return true;
    lists_.pop_back();
    return false;
  }

  /// Calls `visit` with each row until it returns false.
  template <class Visit>
  void run(const Visit& visit) {
    std::vector<std::size_t> order(lists_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return lists_[i].pages(); });
    auto bound = std::numeric_limits<std::int64_t>::max();
    for (; meet(order, bound); --bound)
      if (count_phrases() && !visit(bound)) return;
  }
  /// Returns how often the row that was met last has a phrase.
  [[nodiscard]] std::int64_t count(std::size_t phrase) const { return counts_[phrase]; }

 private:
  /// The words of one phrase among the lists.
  struct phrase_lists {
    std::size_t begin;
    std::size_t end;
  };

  /// Lowers the bound to the next row that is in all lists.
  bool meet(const std::vector<std::size_t>& order, std::int64_t& bound) {
    for (std::size_t i = 0; i < order.size();) {
      auto& list = lists_[order[i]];
      if (!list.seek(bound)) return false;
      const bool is_there = list.row() == bound;
      bound = list.row();
      i = is_there || i == 0 ? i + 1 : 0;
    }
    return true;
  }

  /// Counts the phrases in the row; false if one is missing.
  bool count_phrases() {
    counts_.clear();
    for (const auto& each : phrases_) {
      counts_.push_back(each.end - each.begin == 1 ? lists_[each.begin].count()
                                                   : count_in_order(each));
      if (counts_.back() == 0) return false;
    }
    return true;
  }

  /// Counts where the words of a phrase stand one after the other.
  std::int64_t count_in_order(const phrase_lists& phrase) {
    lists_[phrase.begin].positions(starts_);
    for (auto i = phrase.begin + 1; i < phrase.end && !starts_.empty(); ++i) {
      lists_[i].positions(places_);
      const auto distance = i - phrase.begin;
      std::erase_if(starts_, [&](std::uint64_t start) {
        return !std::ranges::binary_search(places_, start + distance);
      });
    }
    return std::ssize(starts_);
  }

  sqlite_posting_pages& pages_;
  const std::vector<posting_segment>& segments_;
  std::vector<word_rows> lists_;
  std::vector<phrase_lists> phrases_;
  std::vector<std::int64_t> counts_;
  std::vector<std::uint64_t> starts_;
  std::vector<std::uint64_t> places_;
};

sqlite_ranked_search::sqlite_ranked_search(const sqlite::database& db, const std::string& table,
                                           std::int64_t generation, std::string_view room_query)
    : pages_(db, table), facts_(db, generation), room_query_(db, room_query) {}

expected<room_id, store_error> sqlite_ranked_search::room_of(message_id id) {
  auto found = room_query_.query(id);
  const auto row = found.next();
  if (!row) return unexpected(row.error());
  return *row ? found.number<room_id>(0) : room_id{};
}

expected<search_facts, store_error> sqlite_ranked_search::look_up(message_id id) {
  const auto known = facts_.of(id);
  if (!known) return unexpected(known.error());
  if (*known) return **known;
  const auto room = room_of(id);
  if (!room) return unexpected(room.error());
  return search_facts{*room, pages_.length_of(id.value)};
}

expected<bool, store_error> sqlite_ranked_search::shows(const room_filter& is_shown,
                                                        room_id room) {
  if (!is_shown) return true;
  if (const auto known = shown_.find(room.value); known != shown_.end()) return known->second;
  const auto shown = is_shown(room);
  if (shown) shown_.emplace(room.value, *shown);
  return shown;
}

std::string sqlite_ranked_search::scope_word(const std::string& text) {
  auto phrases = read_query(words_, '"' + text + '"');
  const bool is_one =
      phrases.size() == 1 && phrases[0].words.size() == 1 && !phrases[0].open_ended;
  return is_one ? std::move(phrases[0].words[0]) : std::string{};
}

std::optional<sqlite_ranked_search::walk>
sqlite_ranked_search::matches(const ranked_question& asked,
                              const std::vector<posting_segment>& segments, bool& asks_room) {
  std::size_t words = 0;
  for (const auto& each : asked.phrases)
    words += each.words.size();
  if (words == 0 || words > most_lists) return std::nullopt;
  std::optional<walk> all{std::in_place, pages_, segments};
  for (const auto& each : asked.phrases)
    all->add(each);
  if (asked.user_id) {
    const auto word = scope_word(user_scope(*asked.user_id));
    if (word.empty()) return std::nullopt;
    all->add_scope(word);
  }
  asks_room = asked.room.has_value();
  if (asked.room) {
    const auto word = scope_word(room_scope(*asked.room));
    if (word.empty()) return std::nullopt;
    asks_room = !all->add_scope_if_narrow(word);
  }
  return all;
}

std::vector<double> sqlite_ranked_search::rarities(const ranked_question& asked,
                                                   const std::vector<posting_segment>& segments,
                                                   const content_ranking& ranking) {
  if (asked.phrases.size() == 1) return {content_ranking::only_rarity};
  std::vector<double> all;
  for (const auto& each : asked.phrases) {
    walk phrase{pages_, segments};
    phrase.add(each);
    std::int64_t with = 0;
    phrase.run([&](std::int64_t) { return ++with < max_counted; });
    all.push_back(ranking.rarity(with));
  }
  return all;
}

expected<std::optional<std::vector<message_id>>, store_error>
sqlite_ranked_search::best(const ranked_question& asked, const room_filter& is_shown) {
  using result = std::optional<std::vector<message_id>>;
  pages_.start();
  facts_.start();
  shown_.clear();
  const auto segments = pages_.segments();
  const auto totals = pages_.read_totals();
  bool asks_room = false;
  auto all = matches(asked, segments, asks_room);
  if (!all) return result{};
  const content_ranking ranking{totals.rows, totals.words};
  const auto rarity = rarities(asked, segments, ranking);

  best_messages kept{asked.offset + asked.limit};
  std::int64_t looked_at = 0;
  std::int64_t ranked = 0;
  std::optional<store_error> failure;
  all->run([&](std::int64_t row) {
    ++looked_at;
    const auto facts = look_up(message_id{row});
    const auto shown = facts.and_then([&](const search_facts& known) {
      return asks_room ? expected<bool, store_error>{known.room == *asked.room}
                       : shows(is_shown, known.room);
    });
    if (!shown) {
      failure = shown.error();
      return false;
    }
    if (*shown) {
      ++ranked;
      double rank = 0;
      for (std::size_t i = 0; i < rarity.size(); ++i)
        rank += ranking.part(rarity[i], static_cast<double>(all->count(i)),
                             static_cast<double>(facts->length));
      kept.take({rank, row});
    }
    return ranked < max_ranked && (!is_shown || looked_at < max_looked_at) &&
           !pages_.has_failed();
  });
  if (failure) return unexpected(*failure);
  if (pages_.failure()) return unexpected(*pages_.failure());
  if (pages_.has_failed()) return result{};
  return result{std::move(kept).from(asked.offset)};
}

expected<std::optional<sqlite_ranked_search::found_rooms>, store_error>
sqlite_ranked_search::rooms(const ranked_question& asked) {
  using result = std::optional<found_rooms>;
  pages_.start();
  facts_.start();
  const auto segments = pages_.segments();
  bool asks_room = false;
  auto all = matches(asked, segments, asks_room);
  if (!all) return result{};
  found_rooms found;
  std::unordered_set<std::int64_t> known;
  std::int64_t looked_at = 0;
  std::optional<store_error> failure;
  all->run([&](std::int64_t row) {
    const auto facts = look_up(message_id{row});
    if (!facts) {
      failure = facts.error();
      return false;
    }
    found.oldest = message_id{row};
    known.insert(facts->room.value);
    return ++looked_at < max_looked_at && !pages_.has_failed();
  });
  if (failure) return unexpected(*failure);
  if (pages_.failure()) return unexpected(*pages_.failure());
  if (pages_.has_failed()) return result{};
  for (const auto room : known)
    found.rooms.push_back(room_id{room});
  std::ranges::sort(found.rooms);
  return result{std::move(found)};
}

} // namespace hubbub
