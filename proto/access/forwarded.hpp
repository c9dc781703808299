#pragma once

#include "proto/access/client_address.hpp"

#include <string_view>
#include <vector>

namespace hubbub {

/// The client behind proxies: what the headers of a request from `peer` say, as far as they can
/// be believed. Each proxy appends whom it was talking to, so they are read from the right: the
/// first address that is none of the `trusted` is the client. What stands further left is what
/// that client made up. `peer` itself, where it is not trusted; the last address that was
/// trusted, where the next is missing, hidden or malformed.
///
/// The values are those of `X-Forwarded-For` and of `Forwarded` (RFC 7239), a header each, in
/// the order of the request; the latter count only where there are none of the former. They
/// need not be well-formed: trim, quotes and ports are dealt with.
[[nodiscard]] client_address
forwarded_client(const client_address& peer, const std::vector<address_block>& trusted,
                 const std::vector<std::string_view>& x_forwarded_for,
                 const std::vector<std::string_view>& forwarded);

} // namespace hubbub
