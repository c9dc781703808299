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
  std::string head; ///< all of it, or the part before the star
  std::string tail; ///< the part after the star; empty if there is none

  [[nodiscard]] bool matches(std::string_view origin) const;
};

/// Parses an item of `cors_origins`: an origin, a pattern of origins, or `null`. The result is
/// in the form that browsers send: in lower case, without the port that the scheme implies.
/// Returns nothing if no browser can ever send the origin.
[[nodiscard]] std::optional<origin_pattern> parse_origin(std::string_view text);

/// Decides which pages of other origins may use the server (docs/api.md, "HTTP").
class cors_policy {
 public:
  /// Takes `*`, or origins separated by commas; an item that is not an origin matches nothing.
  /// Pages of listed origins may send credentials; pages that `*` admits may only if
  /// `credentials` says so.
  explicit cors_policy(std::string_view origins, bool credentials = false);

  /// True if a page of this origin may use the server, and also if no origin was named, since
  /// then the client is not a browser.
  [[nodiscard]] bool admits(std::string_view origin) const;
  /// Adds the headers to the response to a request from `origin` (empty: none was named).
  void apply(std::string_view origin, http_response& response) const;
  /// Returns the answer to `OPTIONS`, without the headers that `apply` adds.
  [[nodiscard]] static http_response preflight(const http_request& request);

 private:
  bool any_ = false;
  bool credentials_ = false; ///< for pages that only `any_` admits
  std::vector<origin_pattern> origins_;
};

} // namespace hubbub
