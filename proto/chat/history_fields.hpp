#pragma once

#include "proto/chat/history_query.hpp"
#include "proto/error.hpp"
#include "proto/json/text.hpp"

#include <string>

/// Reads the fields of `history_query` and `search_terms` from any source: a JSON object or a
/// query.
namespace hubbub {

template <class Reader>
[[nodiscard]] history_query read_history(Reader& read) {
  history_query query;
  query.limit = read.number("limit", {1, max_page}, default_page);
  query.before = read.seq("before");
  query.after = read.seq("after");
  query.around = read.seq("around");
  query.user_id = read.optional_text("user_id");
  query.from = read.time("from");
  query.until = read.time("until");
  if (query.around && (query.before || query.after))
    read.refuse(error_code::bad_request, "around goes without before and after");
  return query;
}

template <class Reader>
[[nodiscard]] search_terms read_search(Reader& read) {
  search_terms terms;
  terms.q = trim(read.optional_text("q").value_or(""));
  terms.user_id = read.optional_text("user_id");
  terms.offset = read.number("offset", {0, max_search_offset}, 0);
  terms.limit = read.number("limit", {1, max_search_page}, default_search_page);
  if (terms.q.empty() || count_characters(terms.q) > max_search)
    read.refuse(error_code::bad_request,
                "q must have 1 to " + std::to_string(max_search) + " characters");
  return terms;
}

} // namespace hubbub
