#pragma once

#include "net/forward/node_peer.hpp"
#include "net/forward/node_request.hpp"
#include "net/websocket/websocket.hpp"

#include <functional>
#include <memory>
#include <string>

namespace hubbub {

/// Answers a request for a WebSocket that did not become one.
using pipe_refusal = std::function<void(websocket_request, forward_failure)>;

/// Passes a request for a WebSocket on to another node, and then the bytes of both sides, until
/// one of them ends. Neither side is read while the other does not take what came before: a
/// pipe holds no more than what one read brings.
void pipe_to(io_thread& thread, std::shared_ptr<node_peer> peer, websocket_request request,
             std::string target, pipe_refusal refuse);

} // namespace hubbub
