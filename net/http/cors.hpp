#pragma once

#include "net/http/http_exchange.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub {

/// An origin, or a pattern of origins: `https://*.example.com` stands for every name below
/// `example.com`.
struct origin_pattern {
  std::string head; ///< all of it, or what comes before the star
  std::string tail; ///< what comes behind the star; empty: there is none

  [[nodiscard]] bool matches(std::string_view origin) const;
};

/// Reads an item of `cors_origins`: an origin, a pattern of them, or `null`. It comes out as
/// browsers write an origin: in lower case, without the port that the scheme implies. Empty
/// where no browser can ever send that.
[[nodiscard]] std::optional<origin_pattern> parse_origin(std::string_view text);

/// Which pages of other origins may use the server (docs/api.md, "HTTP").
class cors_policy {
 public:
  /// `*`, or origins separated by commas; what is no origin matches nothing. Pages of listed
  /// origins may send credentials, those that `*` lets in only if `credentials` says so.
  explicit cors_policy(std::string_view origins, bool credentials = false);

  /// May a page of this origin use the server? True where none was named: that is no browser.
  [[nodiscard]] bool admits(std::string_view origin) const;
  /// Adds the headers to the response to a request from `origin` (empty: none was named).
  void apply(std::string_view origin, http_response& response) const;
  /// The answer to `OPTIONS`, without what `apply` adds.
  [[nodiscard]] static http_response preflight(const http_request& request);

 private:
  bool any_ = false;
  bool credentials_ = false; ///< for whom `any_` lets in
  std::vector<origin_pattern> origins_;
};

} // namespace hubbub
