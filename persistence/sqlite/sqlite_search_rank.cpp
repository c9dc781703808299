#include "persistence/sqlite/sqlite_search_rank.hpp"

#include "persistence/sqlite/sqlite_search_tokenizer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <vector>

namespace hubbub {

namespace {

constexpr int content_column = 0;

// As in SQLite's bm25: how soon repetitions of a word stop to count, and how much the length
// counts.
constexpr double saturation = 1.2;
constexpr double length_weight = 0.75;
// A word in more than half of the rows says nothing for a row, but also nothing against it.
constexpr double least_weight = 1e-6;

/// The values that are the same for all rows of a query.
struct query_weights {
  content_ranking ranking{0, 0};
  std::vector<double> rarity; ///< for each phrase
  std::vector<double> found;  ///< in the current row, for each phrase
};

int count_row(const Fts5ExtensionApi*, Fts5Context*, void* counter) {
  auto& count = *static_cast<std::int64_t*>(counter);
  return ++count < max_counted ? SQLITE_OK : SQLITE_DONE;
}

int weigh(const Fts5ExtensionApi& fts, Fts5Context* context, int phrases,
          query_weights& weights) {
  sqlite3_int64 rows = 0;
  sqlite3_int64 words = 0;
  int code = fts.xRowCount(context, &rows);
  if (code == SQLITE_OK) code = fts.xColumnTotalSize(context, content_column, &words);
  weights.ranking = content_ranking{rows, words};
  for (int phrase = 0; code == SQLITE_OK && phrase < phrases; ++phrase) {
    std::int64_t hits = 0;
    if (phrases > 1) code = fts.xQueryPhrase(context, phrase, &hits, count_row);
    weights.rarity.push_back(phrases > 1 ? weights.ranking.rarity(hits)
                                         : content_ranking::only_rarity);
  }
  weights.found.resize(weights.rarity.size());
  return code;
}

/// Returns the weights of this query, computed at its first row.
int weights_of(const Fts5ExtensionApi& fts, Fts5Context* context, int phrases,
               query_weights*& weights) {
  weights = static_cast<query_weights*>(fts.xGetAuxdata(context, 0));
  if (weights) return SQLITE_OK;
  auto fresh = std::make_unique<query_weights>();
  if (const int code = weigh(fts, context, phrases, *fresh); code != SQLITE_OK) return code;
  weights = fresh.get();
  // FTS5 owns it from here on, even if this fails.
  return fts.xSetAuxdata(context, fresh.release(),
                         [](void* old) { delete static_cast<query_weights*>(old); });
}

int rank_row(const Fts5ExtensionApi& fts, Fts5Context* context, int phrases, double& rank) {
  query_weights* weights = nullptr;
  int code = weights_of(fts, context, phrases, weights);
  int instances = 0;
  int length = 0;
  if (code == SQLITE_OK) code = fts.xInstCount(context, &instances);
  if (code == SQLITE_OK) code = fts.xColumnSize(context, content_column, &length);
  if (code != SQLITE_OK) return code;
  auto& found = weights->found;
  std::ranges::fill(found, 0);
  for (int i = 0; code == SQLITE_OK && i < instances; ++i) {
    int phrase = 0;
    int column = 0;
    int offset = 0;
    code = fts.xInst(context, i, &phrase, &column, &offset);
    if (code == SQLITE_OK && phrase < phrases) ++found[static_cast<std::size_t>(phrase)];
  }
  rank = 0;
  for (std::size_t i = 0; i < found.size(); ++i)
    rank += weights->ranking.part(weights->rarity[i], found[i], length);
  return code;
}

void content_rank(const Fts5ExtensionApi* fts, Fts5Context* context, sqlite3_context* result,
                  int count, sqlite3_value** values) {
  const int narrowing = count == 1 ? sqlite3_value_int(values[0]) : 0;
  const int phrases = std::max(fts->xPhraseCount(context) - narrowing, 0);
  double rank = 0;
  if (const int code = rank_row(*fts, context, phrases, rank); code != SQLITE_OK)
    sqlite3_result_error_code(result, code);
  else
    sqlite3_result_double(result, rank);
}

} // namespace

// A damaged index may give any numbers: a negative count of rows, or fewer rows than matches.
// The logarithm of a negative number would be NaN, by which nothing can be sorted.
content_ranking::content_ranking(std::int64_t rows, std::int64_t words)
    : rows_(std::max(0.0, static_cast<double>(rows))),
      average_length_(std::max(1.0, static_cast<double>(words) /
                                        std::max(1.0, static_cast<double>(rows)))) {}

double content_ranking::rarity(std::int64_t with) const {
  const auto count = std::min(static_cast<double>(with), rows_);
  return std::max(std::log((rows_ - count + 0.5) / (count + 0.5)), least_weight);
}

double content_ranking::part(double rarity, double found, double length) const {
  const double relative = length / average_length_;
  return -rarity * found * (saturation + 1) /
         (found + saturation * (1 - length_weight + length_weight * relative));
}

sqlite::status add_content_rank(const sqlite::database& db) {
  const auto fts = fts5_of(db);
  if (!fts) return unexpected(fts.error());
  if (const int code =
          (*fts)->xCreateFunction(*fts, "content_rank", nullptr, content_rank, nullptr);
      code != SQLITE_OK)
    return unexpected(sqlite::error_of(code));
  return {};
}

} // namespace hubbub
