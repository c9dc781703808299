#pragma once

#include "proto/access/client_address.hpp"

#include <string_view>
#include <vector>

namespace hubbub {

/// Returns the address of the client on the far side of proxies, as far as the headers of a
/// request from `peer` can be believed. Each proxy appends the address it received the request
/// from, so the headers are read from the right, and the first address that is not `trusted` is
/// the client; everything further left may be forged by that client. Returns `peer` itself if
/// it is not trusted, and the last trusted address if the next one is missing, hidden or
/// malformed.
///
/// `x_forwarded_for` and `forwarded` are the values of `X-Forwarded-For` and of `Forwarded`
/// (RFC 7239), one entry for each header, in the order of the request; `Forwarded` counts only
/// where there is no `X-Forwarded-For`. The values need not be well-formed: white space, quotes
/// and ports are handled.
[[nodiscard]] client_address
forwarded_client(const client_address& peer, const std::vector<address_block>& trusted,
                 const std::vector<std::string_view>& x_forwarded_for,
                 const std::vector<std::string_view>& forwarded);

} // namespace hubbub
