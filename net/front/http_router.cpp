#include "net/front/http_router.hpp"

#include "net/http/http_target.hpp"
#include "net/http/static_files.hpp"
#include "proto/json/ascii_case.hpp"
#include "proto/json/text.hpp"

#include <algorithm>
#include <utility>

namespace hubbub {
namespace {

/// True if the body was encoded (RFC 9110, 8.4), for example compressed.
bool is_encoded(const http_request& request) {
  for (auto list : request.header_values("content-encoding")) {
    while (!list.empty()) {
      const auto coding = list.substr(0, list.find(','));
      list.remove_prefix(std::min(list.size(), coding.size() + 1));
      if (const auto word = trim(coding); !word.empty() && !equal_in_any_case(word, "identity"))
        return true;
    }
  }
  return false;
}

http_response refuse_encoding() {
  auto response = error_response({error_code::unsupported_media_type,
                                  "the body must come as it is, without a Content-Encoding"});
  response.headers.emplace_back("Accept-Encoding", "identity");
  return response;
}

bool wants_websocket(const http_request& request) {
  return equal_in_any_case(request.header("upgrade"), "websocket");
}

} // namespace

http_router::http_router(io_thread& thread, std::unique_ptr<http_handler> handler)
    : thread_(&thread), cors_(thread.config().cors_origins, thread.config().cors_credentials),
      handler_(std::move(handler)) {}

engine_endpoint& http_router::add_endpoint(std::string path, consumer_factory make_consumer) {
  return mounts_.emplace_back(std::move(path), *thread_, std::move(make_consumer)).engine;
}

std::vector<engine_endpoint*> http_router::endpoints() {
  std::vector<engine_endpoint*> all;
  for (auto& each : mounts_)
    all.push_back(&each.engine);
  return all;
}

std::function<void()> http_router::handle(http_request request, http_responder respond) {
  ++thread_->stats().http_requests;
  if (request.method == "OPTIONS") {
    auto response = cors_policy::preflight(request);
    response.headers.emplace_back("Allow", methods_of(request));
    respond(std::move(response));
    return {};
  }
  if (!request.body.empty() && is_encoded(request)) {
    respond(refuse_encoding());
    return {};
  }
  if (auto* endpoint = endpoint_at(request.path)) {
    if (!cors_.admits(request.header("origin"))) {
      respond(error_response(
          {error_code::forbidden, "pages of this origin may not connect; see cors_origins"}));
      return {};
    }
    if (const auto error = endpoint->check(request, wants_websocket(request))) {
      respond(to_response(*error));
      return {};
    }
    return endpoint->poll(std::move(request), std::move(respond));
  }
  if (request.method == "HEAD") request.method = "GET";
  if (request.method == "GET") {
    if (auto file = static_file(request)) {
      respond(std::move(*file));
      return {};
    }
  }
  if (handler_)
    handler_->handle(std::move(request), std::move(respond));
  else
    respond(error_response({error_code::not_found, "there is nothing at this path"}));
  return {};
}

bool http_router::takes_websocket(const http_request& request) {
  auto* endpoint = endpoint_at(request.path);
  return endpoint != nullptr && wants_websocket(request) && !endpoint->check(request, true) &&
         cors_.admits(request.header("origin"));
}

void http_router::upgrade(websocket_request request) {
  auto* endpoint = endpoint_at(request.request.path);
  endpoint->upgrade(std::move(request));
}

void http_router::refuse_body(const http_request& request) {
  if (auto* endpoint = endpoint_at(request.path)) endpoint->refuse_body(request);
}

bool http_router::is_for_session(const http_request& request) {
  return endpoint_at(request.path) != nullptr && !find_param(request.query, "sid").empty();
}

std::string http_router::methods_of(const http_request& request) {
  constexpr std::string_view always = "OPTIONS";
  std::string methods;
  if (request.path == "*")
    methods = "GET, HEAD, POST, PUT, PATCH, DELETE";
  else if (endpoint_at(request.path) != nullptr)
    methods = "GET, POST";
  else if (static_file(request))
    methods = "GET, HEAD";
  else if (handler_)
    methods = handler_->methods_of(request.path);
  if (!methods.empty()) methods += ", ";
  return methods.append(always);
}

engine_endpoint* http_router::endpoint_at(std::string_view path) {
  for (auto& each : mounts_) {
    const std::string_view at{each.path};
    if (path == at || path == at.substr(0, at.size() - 1)) return &each.engine;
  }
  return nullptr;
}

} // namespace hubbub
