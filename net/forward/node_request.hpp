#pragma once

#include "net/http/http_exchange.hpp"
#include "net/io/listen_place.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace hubbub {

/// The header by which a request names the node that has passed it on. One that has it is not
/// passed on again.
inline constexpr std::string_view hop_header = "hubbub-node";
/// The header with the address of the client, as the node that it is connected to knows it.
inline constexpr std::string_view client_header = "hubbub-client";

/// Why a request was not answered by the node of its session.
enum class forward_failure : std::uint8_t {
  unreachable, ///< the node is gone, or does not answer as one of ours
  full,        ///< too much is under way to it
  stopping,    ///< this node stops
};
[[nodiscard]] std::string_view to_string(forward_failure why);

/// A request that another node answers.
struct forwarded_request {
  std::string method; ///< GET or POST
  std::string target;
  std::string body;
  client_address client;
};

/// Where a request goes, and who sends it.
struct forward_route {
  tcp_place place;
  std::string secret;
  std::size_t from = 0; ///< this node's number
};

/// Returns the head of a forwarded request, up to the empty line.
[[nodiscard]] std::string head_of(const forwarded_request& request, const forward_route& route);
/// Returns the head of a request for a WebSocket, with what concerns its handshake and nothing
/// else of the client's headers.
[[nodiscard]] std::string upgrade_head(const http_request& request, const std::string& target,
                                       const forward_route& route);

/// Checks what comes to the listener for nodes.
class node_door {
 public:
  explicit node_door(std::string_view secret);
  /// True for the value of `Authorization` of a request from a node that knows the secret.
  [[nodiscard]] bool admits(std::string_view authorization) const;

 private:
  std::string expected_;
};

} // namespace hubbub
