#include "persistence/sqlite/sqlite_search_tokenizer.hpp"

#include "persistence/search/tokenizer.hpp"

#include <sqlite3.h>

#include <cstddef>
#include <memory>
#include <tuple>

namespace hubbub {

namespace {

using take_token = int (*)(void*, int, const char*, int, int, int);

/// Passes the words to FTS5.
class fts5_sink final : public token_sink {
 public:
  fts5_sink(void* context, take_token hand_on) : context_(context), take_(hand_on) {}
  bool take(const token& each) override {
    code_ = take_(context_, 0, each.text.data(), static_cast<int>(each.text.size()),
                  static_cast<int>(each.begin), static_cast<int>(each.end));
    return code_ == SQLITE_OK;
  }
  [[nodiscard]] int code() const { return code_; }

 private:
  void* context_;
  take_token take_;
  int code_ = SQLITE_OK;
};

int create_tokenizer(void*, const char**, int, Fts5Tokenizer** made) {
  *made = reinterpret_cast<Fts5Tokenizer*>(std::make_unique<tokenizer>().release());
  return SQLITE_OK;
}

void destroy_tokenizer(Fts5Tokenizer* old) {
  const std::unique_ptr<tokenizer> owner{reinterpret_cast<tokenizer*>(old)};
}

int tokenize(Fts5Tokenizer* self, void* context, int flags, const char* text, int length,
             take_token take) {
  if (!text || length <= 0) return SQLITE_OK;
  fts5_sink sink{context, take};
  const auto purpose =
      (flags & FTS5_TOKENIZE_QUERY) != 0 ? tokenizer::mode::query : tokenizer::mode::document;
  reinterpret_cast<tokenizer*>(self)->run({text, static_cast<std::size_t>(length)}, purpose,
                                          sink);
  return sink.code();
}

} // namespace

expected<fts5_api*, store_error> fts5_of(const sqlite::database& db) {
  // FTS5 hands out its interface through a query.
  fts5_api* fts = nullptr;
  sqlite3_stmt* asking = nullptr;
  int code = sqlite3_prepare_v2(db.handle(), "SELECT fts5(?1)", -1, &asking, nullptr);
  if (code == SQLITE_OK) code = sqlite3_bind_pointer(asking, 1, &fts, "fts5_api_ptr", nullptr);
  if (code == SQLITE_OK) std::ignore = sqlite3_step(asking);
  const int closed = sqlite3_finalize(asking);
  if (code == SQLITE_OK) code = closed;
  if (code == SQLITE_OK && !fts) code = SQLITE_ERROR;
  if (code != SQLITE_OK) return unexpected(sqlite::error_of(code));
  return fts;
}

sqlite::status add_search_tokenizer(const sqlite::database& db) {
  const auto fts = fts5_of(db);
  if (!fts) return unexpected(fts.error());
  fts5_tokenizer calls{
      .xCreate = create_tokenizer, .xDelete = destroy_tokenizer, .xTokenize = tokenize};
  if (const int code = (*fts)->xCreateTokenizer(*fts, "hubbub", nullptr, &calls, nullptr);
      code != SQLITE_OK)
    return unexpected(sqlite::error_of(code));
  return {};
}

} // namespace hubbub
