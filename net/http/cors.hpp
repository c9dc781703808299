#pragma once

#include "net/http/http_exchange.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// Which pages of other origins may use the server (docs/api.md, "HTTP").
class cors_policy {
 public:
  /// `*`, or origins separated by commas.
  explicit cors_policy(std::string_view origins);

  /// May a page of this origin use the server? True where none was named: that is no browser.
  [[nodiscard]] bool admits(std::string_view origin) const;
  /// Adds the headers to the response to a request from `origin` (empty: none was named).
  void apply(std::string_view origin, http_response& response) const;
  /// The answer to `OPTIONS`, without what `apply` adds.
  [[nodiscard]] static http_response preflight(const http_request& request);

 private:
  bool any_ = false;
  std::vector<std::string> origins_;
};

} // namespace hubbub
