#include "net/engine/engine_endpoint.hpp"

#include "net/engine/engine_sid.hpp"
#include "net/engine/homing_responder.hpp"
#include "net/http/http_target.hpp"
#include "net/websocket/websocket_handshake.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

namespace hubbub {
namespace {

http_response refuse_at_shutdown() {
  return error_response({error_code::overloaded, "the server is stopping"});
}

http_response refuse_for_load() {
  auto response = error_response(
      {error_code::overloaded, "too much is under way to the server of this session"});
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

/// Returns the target of a request for a session that exists, with what its node goes by. It is
/// put together anew, from what was checked.
std::string target_of(const http_request& request, std::string_view transport) {
  std::string target = request.path;
  return target.append("?EIO=4&transport=")
      .append(transport)
      .append("&sid=")
      .append(find_param(request.query, "sid"));
}

/// Returns the answer to a request that another node did not answer. A client that is told that
/// its session is unknown opens another one.
http_response to_response(forward_failure why) {
  switch (why) {
  case forward_failure::unreachable: break;
  case forward_failure::stopping: return end_of_session(close_reason::shutdown);
  case forward_failure::full: return refuse_for_load();
  }
  return to_response(engine_http_error::unknown_sid);
}

http_response refuse_for_memory() {
  auto response =
      error_response({error_code::overloaded, "the server has no room for more sessions"});
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

// Maximum number of sessions closed in one loop pass: a thousand at once would hold up the
// thread's other work.
constexpr std::size_t closed_per_pass = 64;

// How long after an upgrade posts for sessions of the old process are expected.
constexpr std::chrono::minutes strangers_time{10};

} // namespace

engine_endpoint::engine_endpoint(io_thread& thread, consumer_factory make_consumer,
                                 websocket_refusal refuse)
    : thread_(&thread), make_consumer_(std::move(make_consumer)), refuse_(refuse) {
  if (thread.config().is_successor)
    strangers_until_ = std::chrono::steady_clock::now() + strangers_time;
}

std::optional<engine_http_error> engine_endpoint::check(const http_request& request,
                                                        bool wants_websocket) const {
  const auto transport = find_param(request.query, "transport");
  if (transport != "polling" && transport != "websocket")
    return engine_http_error::unknown_transport;
  if (find_param(request.query, "EIO") != "4") return engine_http_error::unsupported_version;

  const auto sid = find_param(request.query, "sid");
  const auto has_sid = !sid.empty();
  if (has_sid && home_of(sid) == nullptr && !node_of(request))
    return engine_http_error::unknown_sid;
  if (request.method != "GET" && !(has_sid && request.method == "POST"))
    return engine_http_error::bad_method;
  if (wants_websocket != (transport == "websocket")) return engine_http_error::bad_request;
  return {};
}

std::function<void()> engine_endpoint::poll(http_request request, http_responder respond) {
  std::string sid{find_param(request.query, "sid")};
  if (sid.empty()) {
    open_polling(request, respond);
    return {};
  }
  const auto id = thread_->next_serial() << 16U | thread_->handle().index;
  auto* home = home_of(sid);
  if (home == nullptr) {
    const auto node = node_of(request);
    return node ? pass_on(*node, std::move(request), std::move(respond))
                : std::function<void()>{};
  }
  if (home == this) {
    serve(sid, id, request, std::move(respond));
    return [this, sid, id] { abandon(sid, id); };
  }
  boost::asio::post(home->thread_->context(),
                    [home, sid, id, request = std::move(request),
                     respond = homing_responder(*thread_, std::move(respond))]() mutable {
                      home->serve(sid, id, request, std::move(respond));
                    });
  return [home, sid, id] {
    boost::asio::post(home->thread_->context(), [home, sid, id] { home->abandon(sid, id); });
  };
}

void engine_endpoint::open_polling(const http_request& request, const http_responder& respond) {
  if (!thread_->opens_sessions()) {
    respond(refuse_at_shutdown());
    return;
  }
  if (thread_->short_of_memory()) {
    respond(refuse_for_memory());
    return;
  }
  open(nullptr, opening_of(request))->poll(0, respond);
}

void engine_endpoint::serve(const std::string& sid, std::uint64_t id,
                            const http_request& request, http_responder respond) {
  const auto connection = find(sid);
  const auto is_poll = request.method == "GET";
  const auto now = std::chrono::steady_clock::now();
  if (!connection && is_poll && closed_by_clients_.take(sid, now))
    respond(poll_answer(encode_packet(engine_type::noop)));
  else if (!connection && !is_poll &&
           (now < strangers_until_ || wanted_back_.contains(sid, now)))
    respond(post_answer());
  else if (!connection)
    respond(to_response(engine_http_error::unknown_sid));
  else if (is_poll)
    connection->poll(id, std::move(respond));
  else
    connection->post(request.body, respond);
}

void engine_endpoint::on_poll_overtaken(const std::string& sid) {
  closed_by_clients_.add(sid, std::chrono::steady_clock::now());
}

void engine_endpoint::on_posts_overtaken(const std::string& sid) {
  wanted_back_.add(sid, std::chrono::steady_clock::now());
}

void engine_endpoint::abandon(const std::string& sid, std::uint64_t id) {
  if (const auto connection = find(sid)) connection->abandon_poll(id);
}

void engine_endpoint::upgrade(websocket_request request) {
  const std::string sid{find_param(request.request.query, "sid")};
  if (!sid.empty()) {
    if (auto* home = home_of(sid); home == this)
      probe(sid, std::move(request));
    else if (home != nullptr)
      move_to(*home, sid, std::move(request));
    else if (const auto node = node_of(request.request))
      pass_websocket_on(*node, std::move(request));
    return;
  }
  if (!thread_->opens_sessions() || thread_->short_of_memory()) {
    refuse_(*thread_, std::move(request),
            thread_->opens_sessions() ? refuse_for_memory() : refuse_at_shutdown());
    return;
  }
  const auto asked = opening_of(request.request);
  accept(std::move(request),
         [this, &asked](const std::shared_ptr<websocket>& socket) { open(socket, asked); });
}

template <class Take>
void engine_endpoint::accept(websocket_request request, const Take& take) {
  auto answer = answer_handshake(request.request, thread_->config().compression);
  if (!answer) {
    refuse_(*thread_, std::move(request), std::move(answer.error()));
    return;
  }
  const auto socket = std::make_shared<websocket>(*thread_, std::move(request.stream),
                                                  std::move(request.permit), answer->deflates);
  socket->answer(std::move(answer->head));
  take(socket);
  socket->start(request.leftover);
}

void engine_endpoint::move_to(engine_endpoint& home, const std::string& sid,
                              websocket_request request) {
  boost::system::error_code ec;
  auto stream = request.stream.release(ec);
  if (ec) return;
  boost::asio::post(home.thread_->context(), [&home, sid, stream = std::move(stream),
                                              asked = std::move(request.request),
                                              leftover = std::move(request.leftover),
                                              permit = std::move(request.permit)]() mutable {
    home.probe(sid, {io_stream{home.thread_->context(), std::move(stream)}, std::move(asked),
                     std::move(leftover), std::move(permit)});
  });
}

void engine_endpoint::probe(const std::string& sid, websocket_request request) {
  const auto connection = find(sid);
  if (!connection) {
    refuse_(*thread_, std::move(request), to_response(engine_http_error::unknown_sid));
    return;
  }
  accept(std::move(request), [&connection](const std::shared_ptr<websocket>& socket) {
    connection->probe(socket);
    socket->flush();
  });
}

std::optional<std::size_t> engine_endpoint::node_of(const http_request& request) const {
  if (forwarder_ == nullptr || !request.header(hop_header).empty()) return {};
  const auto node = node_of_sid(find_param(request.query, "sid"));
  if (!node || !forwarder_->knows(*node)) return {};
  return node;
}

std::function<void()> engine_endpoint::pass_on(std::size_t node, http_request request,
                                               http_responder respond) {
  // That of a GET says nothing, here as there.
  auto body = request.method == "POST" ? std::move(request.body) : std::string{};
  return forwarder_->forward(
      node, {request.method, target_of(request, "polling"), std::move(body), request.client},
      [respond = std::move(respond)](forward_result answer) {
        respond(answer ? *std::move(answer) : to_response(answer.error()));
      });
}

void engine_endpoint::pass_websocket_on(std::size_t node, websocket_request request) {
  auto target = target_of(request.request, "websocket");
  forwarder_->pipe(node, std::move(request), std::move(target),
                   [this](websocket_request back, forward_failure why) {
                     refuse_(*thread_, std::move(back), to_response(why));
                   });
}

void engine_endpoint::refuse_body(const http_request& request) {
  const auto sid = find_param(request.query, "sid");
  auto* home = home_of(sid);
  if (const auto node = home == nullptr ? node_of(request) : std::nullopt) {
    // A body without a packet ends the session in the same way.
    static_cast<void>(
        forwarder_->forward(*node, {"POST", target_of(request, "polling"), {}, request.client},
                            [](const forward_result&) {}));
    return;
  }
  if (home == nullptr) return;
  boost::asio::post(home->thread_->context(), [home, sid = std::string{sid}] {
    if (const auto connection = home->find(sid)) connection->close(close_reason::parse_error);
  });
}

std::size_t engine_endpoint::close_some(std::size_t count, close_reason reason) {
  std::size_t closed = 0;
  for (; closed < count && !sessions_.empty(); ++closed)
    std::shared_ptr {
      sessions_.begin()->second
      } -> close(reason);
  return closed;
}

void engine_endpoint::close_polling(close_reason reason) {
  std::vector<std::shared_ptr<engine_connection>> polling;
  for (const auto& [sid, connection] : sessions_)
    if (connection->is_polling()) polling.push_back(connection);
  for (const auto& each : polling)
    each->close(reason);
}

void engine_endpoint::close_all(close_reason reason) {
  close_some(closed_per_pass, reason);
  if (!sessions_.empty())
    boost::asio::post(thread_->context(), [this, reason] { close_all(reason); });
}

engine_endpoint::opening engine_endpoint::opening_of(const http_request& request) const {
  const auto recover = find_param(request.query, "recover");
  opening asked{recover == "1" || recover == "true", request.client, nullptr};
  if (thread_->config().keeps_headers)
    asked.headers = std::make_shared<const decltype(request.headers)>(request.headers);
  return asked;
}

std::shared_ptr<engine_connection> engine_endpoint::open(std::shared_ptr<websocket> socket,
                                                         const opening& asked) {
  const auto transport = socket ? engine_transport::websocket : engine_transport::polling;
  auto sid = make_sid(thread_->handle().index, thread_->config().node);
  engine_registry& registry = *this;
  auto connection =
      std::make_shared<engine_connection>(*thread_, registry, std::move(sid), transport);
  connection->wants_recovery = asked.wants_recovery;
  connection->client = asked.client;
  connection->headers = asked.headers;
  close_oldest_unconnected();
  const auto wait_id = thread_->next_serial();
  unconnected_.emplace(wait_id, connection.get());
  connection->wait_for_namespace(wait_id);
  sessions_.emplace(connection->sid(), connection);
  enrol(connection->sid(), asked.client);
  connection->open(make_consumer_(*thread_, connection), std::move(socket));
  return connection;
}

void engine_endpoint::enrol(const std::string& sid, const client_address& client) {
  thread_->at_census([this, sid, client](census& counter) {
    const auto refused = counter.on_session_opened(client);
    if (!refused) return;
    boost::asio::post(thread_->context(), [this, sid, why = *refused] {
      const auto connection = find(sid);
      if (!connection) return;
      ++thread_->stats().refused.at(static_cast<std::size_t>(why));
      connection->close(close_reason::server_full);
    });
  });
}

void engine_endpoint::on_session_closed(const std::string& sid) {
  const auto found = sessions_.find(sid);
  if (found == sessions_.end()) return;
  thread_->at_census(
      [client = found->second->client](census& counter) { counter.on_session_closed(client); });
  sessions_.erase(found);
}

void engine_endpoint::relieve(std::size_t bytes) {
  std::vector<std::pair<std::size_t, std::shared_ptr<engine_connection>>> holding;
  for (const auto& [sid, connection] : sessions_) {
    if (const auto held = connection->held_bytes(); held > 0)
      holding.emplace_back(held, connection);
  }
  std::ranges::sort(holding, std::greater{}, [](const auto& each) { return each.first; });
  for (const auto& [held, connection] : holding) {
    ++thread_->stats().pressure_closed;
    connection->give_up();
    if (held >= bytes) return;
    bytes -= held;
  }
}

void engine_endpoint::visit(const std::function<void(engine_connection&)>& look) const {
  for (const auto& [sid, connection] : sessions_)
    look(*connection);
}

void engine_endpoint::close_oldest_unconnected() {
  // Each thread has its share of the limit.
  const auto threads = endpoints_.size();
  const auto share = (thread_->config().bounds.max_unconnected + threads - 1) / threads;
  if (unconnected_.size() < share) return;
  ++thread_->stats().unconnected_closed;
  unconnected_.begin()->second->close(close_reason::connect_timeout);
}

std::shared_ptr<engine_connection> engine_endpoint::find(const std::string& sid) const {
  const auto found = sessions_.find(sid);
  return found == sessions_.end() ? nullptr : found->second;
}

engine_endpoint* engine_endpoint::home_of(std::string_view sid) const {
  const auto thread = thread_of_sid(sid, endpoints_.size(), thread_->config().node);
  return thread ? endpoints_[*thread] : nullptr;
}

} // namespace hubbub
