#include "net/forward/node_request.hpp"

#include "actors/crypto/secret_hash.hpp"

#include <array>

namespace hubbub {
namespace {

constexpr std::string_view secret_scheme = "Bearer ";

// The headers of a client's request that a WebSocket handshake needs.
constexpr std::array handshake_headers{
    std::string_view{"sec-websocket-key"}, std::string_view{"sec-websocket-version"},
    std::string_view{"sec-websocket-extensions"}, std::string_view{"sec-websocket-protocol"}};

void append_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

/// Returns the request line and the headers that say where a request comes from.
std::string begin_head(std::string_view method, const std::string& target,
                       const client_address& client, const forward_route& route) {
  std::string head;
  head.reserve(512);
  head.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  append_header(head, "Host", to_string(listen_place{route.place}));
  append_header(head, "Authorization", std::string{secret_scheme} + route.secret);
  append_header(head, hop_header, std::to_string(route.from));
  append_header(head, client_header, to_string(client));
  return head;
}

} // namespace

std::string_view to_string(forward_failure why) {
  switch (why) {
  case forward_failure::unreachable: return "unreachable";
  case forward_failure::full: return "full";
  case forward_failure::stopping: break;
  }
  return "stopping";
}

std::string head_of(const forwarded_request& request, const forward_route& route) {
  auto head = begin_head(request.method, request.target, request.client, route);
  // A body that is not announced would be read as the next request.
  if (request.method == "POST" || !request.body.empty())
    append_header(head, "Content-Length", std::to_string(request.body.size()));
  return head += "\r\n";
}

std::string upgrade_head(const http_request& request, const std::string& target,
                         const forward_route& route) {
  auto head = begin_head("GET", target, request.client, route);
  append_header(head, "Connection", "Upgrade");
  append_header(head, "Upgrade", "websocket");
  for (const auto name : handshake_headers)
    for (const auto value : request.header_values(name))
      append_header(head, name, value);
  return head += "\r\n";
}

node_door::node_door(std::string_view secret) : expected_(secret_scheme) {
  expected_ += secret;
}

bool node_door::admits(std::string_view authorization) const {
  return equal_in_constant_time(expected_, authorization);
}

} // namespace hubbub
