#pragma once

#include "net/forward/node_peer.hpp"
#include "net/forward/node_request.hpp"
#include "proto/expected.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace hubbub {

using forward_result = expected<http_response, forward_failure>;
using forward_done = std::function<void(forward_result)>;

/// Sends a request to another node. `done` is called once, within `patience`, and not before
/// this returns. The returned function gives it up, so that `done` is not called any more.
[[nodiscard]] std::function<void()>
exchange_with(io_thread& thread, std::shared_ptr<node_peer> peer, forwarded_request request,
              std::chrono::milliseconds patience, forward_done done);

} // namespace hubbub
