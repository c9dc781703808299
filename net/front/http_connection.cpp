#include "net/front/http_connection.hpp"

#include "net/forward/node_request.hpp"
#include "net/front/access_note.hpp"
#include "net/front/http_router.hpp"
#include "net/front/unreadable_request.hpp"
#include "net/http/http_head.hpp"
#include "net/http/http_target.hpp"
#include "net/io/free_memory.hpp"
#include "net/io/io_thread.hpp"
#include "net/io/lingering_close.hpp"
#include "net/io/peer_address.hpp"
#include "net/log/log.hpp"
#include "proto/access/forwarded.hpp"
#include "proto/json/ascii_case.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace hubbub {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using error_state = boost::system::error_code;

// How long a connection at the listener for nodes may take to prove that it is another node's:
// a node sends its first request at once.
constexpr std::chrono::seconds time_for_strangers{2};
// A read buffer that grew larger than this is released after the request.
constexpr std::size_t kept_buffer = 4'096;
constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

class http_connection final : public transport,
                              public timed,
                              public std::enable_shared_from_this<http_connection> {
 public:
  http_connection(io_thread& thread, http_router* router, io_stream stream,
                  census::permit permit, const node_door* door = nullptr)
      : transport(thread, std::move(permit)), router_(router), door_(door),
        stream_(std::move(stream)), is_stranger_(door != nullptr) {}

  void start();
  /// Answers without having read the request, and ends the connection.
  void refuse(http_response response);

  void drain() override;
  void abort() override;
  void on_time(steady_time) override { abort(); }

 private:
  void do_wait();
  void trim_buffer();
  void do_read_head();
  [[nodiscard]] bool skip_empty_lines(error_state ec);
  void on_head(error_state ec);
  void do_continue();
  void do_read_body();
  void on_body(error_state ec);
  [[nodiscard]] std::optional<http_response> objection();
  [[nodiscard]] bool comes_from_node() const;
  [[nodiscard]] http_response refuse_stranger();
  void on_request();
  void fail(error_state ec);
  void hand_over(http_request request);
  void handle(http_request request);
  void watch_client();
  void do_watch();
  void on_heard();
  void respond(std::uint64_t serial, http_response response);
  void do_write(http_response response);
  void on_written(error_state ec);

  [[nodiscard]] http_request take_request(http_target target);
  [[nodiscard]] client_address client_of(const http_request& request);
  void give(std::chrono::milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    thread().timers().set(*this, is_stranger_ ? std::min(end, stranger_until_) : end);
  }

  http_router* router_;
  const node_door* door_; ///< null for connections of clients
  io_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<client_address> peer_; ///< looked up at the first request
  bool is_stranger_;                   ///< it has yet to prove that it is another node's
  steady_time stranger_until_{};

  // State of the request that is being answered:
  std::uint64_t serial_ = 0;
  bool awaiting_answer_ = false;
  std::unique_ptr<access_note> note_; ///< set if the request goes into the log
  std::function<void()> abandon_;     ///< called if the client goes while it waits
  std::string origin_;
  http_version version_ = http_version::v1_1;
  bool keep_alive_ = false;
  bool is_head_ = false;
  std::string head_;
  std::string body_;
};

void http_connection::start() {
  error_state ec;
  if (!stream_.socket().non_blocking()) stream_.socket().non_blocking(true, ec);
  if (ec || thread().draining()) return;
  stranger_until_ = std::chrono::steady_clock::now() + time_for_strangers;
  do_read_head();
}

void http_connection::refuse(http_response response) {
  do_write(std::move(response));
}

void http_connection::drain() {
  // A connection between two requests, or before its first, is not waited for.
  if (!awaiting_answer_ && head_.empty() && (!parser_ || !parser_->got_some())) abort();
}

void http_connection::abort() {
  // Called before the client can see the end: what it sends next must not be the answer to the
  // poll that it gave up.
  if (const auto abandon = std::exchange(abandon_, nullptr)) abandon();
  stream_.close();
  thread().timers().cancel(*this);
}

void http_connection::do_wait() {
  if (buffer_.size() > 0 || stream_.has_unread()) {
    do_read_head();
    return;
  }
  trim_buffer();
  give(thread().config().idle_timeout);
  stream_.socket().async_wait(io_socket::wait_read,
                              [self = shared_from_this()](error_state ec) {
                                if (!ec) self->do_read_head();
                              });
}

void http_connection::trim_buffer() {
  if (buffer_.capacity() > kept_buffer) buffer_.shrink_to_fit();
}

void http_connection::do_read_head() {
  const auto& config = thread().config();
  // A request that cannot be read to its end is answered, and ends the connection.
  keep_alive_ = false;
  is_head_ = false;
  origin_.clear();
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(config.max_header_bytes));
  parser_->body_limit(config.engine.max_post());
  give(config.header_timeout);
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_state ec, std::size_t) { self->on_head(ec); });
}

void http_connection::on_head(error_state ec) {
  if (skip_empty_lines(ec)) {
    parser_.reset();
    do_wait();
    return;
  }
  if (ec) {
    fail(ec);
    return;
  }
  const auto& head = parser_->get();
  origin_ = head[http::field::origin];
  is_head_ = head.method() == http::verb::head;
  version_ = head.version() == 10 ? http_version::v1_0 : http_version::v1_1;
  if (door_ != nullptr && !comes_from_node()) {
    do_write(refuse_stranger());
    return;
  }
  if (std::exchange(is_stranger_, false)) std::ignore = take_permit(); // which counts strangers
  if (auto refused = objection()) {
    do_write(std::move(*refused));
  } else if (parser_->is_done()) {
    on_request();
  } else if (equal_in_any_case(head[http::field::expect], "100-continue")) {
    do_continue();
  } else {
    do_read_body();
  }
}

/// Removes empty lines before a request, which some clients send after a body (RFC 9112, 2.2).
/// True if there were any; then no request has begun yet.
bool http_connection::skip_empty_lines(error_state ec) {
  if (ec != http::error::bad_method) return false;
  const auto unread = buffer_.cdata();
  const std::string_view text{static_cast<const char*>(unread.data()), unread.size()};
  const auto lines = std::min(text.find_first_not_of("\r\n"), text.size());
  buffer_.consume(lines);
  return lines > 0;
}

/// Returns the answer that refuses a request whose head was read; nothing if it will be served,
/// with the limit of its body set.
std::optional<http_response> http_connection::objection() {
  const auto& head = parser_->get();
  const auto& bounds = thread().config().bounds;
  if (head.target().size() > bounds.max_url_bytes)
    return too_large(http::status::uri_too_long, "the URL is longer than allowed");
  if (std::distance(head.begin(), head.end()) > static_cast<std::ptrdiff_t>(bounds.max_headers))
    return too_large(http::status::request_header_fields_too_large,
                     "there are more headers than allowed");
  if (version_ == http_version::v1_1 && head.count(http::field::host) != 1)
    return bad_request("a request needs one Host header");
  const auto limit = thread().config().engine.max_payload;
  const auto length = parser_->content_length();
  if (parser_->is_done() || (length && *length <= limit)) return {};
  const auto target = parse_target(head.target());
  if (head.method() == http::verb::post && target && router_->has_engine_at(target->path))
    return {}; // the parser has the limit of such a POST already
  if (length) return answer_to(http::error::body_limit);
  parser_->body_limit(limit);
  return {};
}

/// True for a request that another node has passed on, as the secret proves.
bool http_connection::comes_from_node() const {
  const auto& head = parser_->get();
  return door_->admits(head[http::field::authorization]) && !head[hop_header].empty();
}

http_response http_connection::refuse_stranger() {
  ++thread().stats().node_requests_refused;
  log(log_event::node_refused, "a request at node_listen was refused: it has not the secret",
      {{"client", to_string(peer_address(stream_.socket()))}});
  auto response =
      error_response({error_code::unauthorized, "this address is for other nodes alone"});
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

void http_connection::do_continue() {
  asio::async_write(stream_, asio::buffer(continue_head),
                    [self = shared_from_this()](error_state ec, std::size_t) {
                      if (!ec) self->do_read_body();
                    });
}

void http_connection::do_read_body() {
  give(thread().config().body_timeout);
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](error_state ec, std::size_t) { self->on_body(ec); });
}

void http_connection::on_body(error_state ec) {
  if (ec) return fail(ec);
  on_request();
}

void http_connection::fail(error_state ec) {
  thread().timers().cancel(*this);
  // What was read of the head may name the page that must be able to see the refusal.
  origin_ = parser_->get()[http::field::origin];
  is_head_ = parser_->get().method() == http::verb::head;
  if (ec == http::error::body_limit) {
    if (door_ != nullptr && !comes_from_node()) return do_write(refuse_stranger());
    if (auto target = parse_target(parser_->get().target()))
      router_->refuse_body(take_request(std::move(*target)));
  }
  if (auto answer = answer_to(ec)) do_write(std::move(*answer));
}

void http_connection::on_request() {
  thread().timers().cancel(*this);
  const auto& head = parser_->get();
  keep_alive_ = parser_->keep_alive();
  auto target = parse_target(head.target());
  if (!target) {
    keep_alive_ = false;
    do_write(bad_request("the request's path is not properly encoded"));
    return;
  }
  auto request = take_request(std::move(*target));
  parser_.reset();
  if (version_ == http_version::v1_0) // from which there is no upgrade (RFC 9110, 7.8)
    std::erase_if(request.headers, [](const auto& each) { return each.first == "upgrade"; });
  if (thread().samples_access()) note_ = note_of(request);
  if (door_ != nullptr) {
    ++thread().stats().node_requests;
    if (!request.header("upgrade").empty()) keep_alive_ = false; // the other end is a pipe
    if (!router_->is_for_session(request)) {
      do_write(error_response({error_code::not_found, "only sessions are served here"}));
      return;
    }
  }
  if (router_->takes_websocket(request))
    hand_over(std::move(request));
  else
    handle(std::move(request));
}

http_request http_connection::take_request(http_target target) {
  auto& message = parser_->get();
  http_request request;
  request.method = message.method_string();
  request.path = std::move(target.path);
  request.query = std::move(target.query);
  for (const auto& field : message)
    request.headers.emplace_back(lower_case(field.name_string()), field.value());
  request.body = std::move(message.body());
  request.client = client_of(request);
  return request;
}

client_address http_connection::client_of(const http_request& request) {
  if (!peer_) peer_ = peer_address(stream_.socket());
  if (door_ != nullptr) return parse_address(request.header(client_header)).value_or(*peer_);
  const auto& proxies = thread().config().trusted_proxies;
  if (proxies.empty()) return *peer_;
  return forwarded_client(*peer_, proxies, request.header_values("x-forwarded-for"),
                          request.header_values("forwarded"));
}

void http_connection::hand_over(http_request request) {
  if (const auto note = std::exchange(note_, nullptr)) {
    note->status = 101;
    log_access(*note);
  }
  error_state ignored;
  stream_.socket().cancel(ignored);
  const auto rest = buffer_.cdata();
  std::string leftover{static_cast<const char*>(rest.data()), rest.size()};
  router_->upgrade(
      {std::move(stream_), std::move(request), std::move(leftover), take_permit()});
}

void http_connection::handle(http_request request) {
  awaiting_answer_ = true;
  auto abandon =
      router_->handle(std::move(request),
                      [self = shared_from_this(), serial = ++serial_](http_response response) {
                        self->respond(serial, std::move(response));
                      });
  if (!awaiting_answer_ || !abandon) return;
  abandon_ = std::move(abandon);
  watch_client();
}

void http_connection::watch_client() {
  trim_buffer(); // a poll waits for a long time
  // Under TLS the next request, or the end, may have been read along with the last one.
  if (stream_.has_unread())
    on_heard();
  else
    do_watch();
}

void http_connection::do_watch() {
  stream_.socket().async_wait(io_socket::wait_read,
                              [self = shared_from_this(), serial = serial_](error_state ec) {
                                if (!ec && self->awaiting_answer_ && serial == self->serial_)
                                  self->on_heard();
                              });
}

void http_connection::on_heard() {
  // Bytes are the next request, which has to wait. Messages of TLS itself are not a request.
  bool heard = false;
  if (stream_.ended(heard))
    abort();
  else if (!heard)
    do_watch();
}

void http_connection::respond(std::uint64_t serial, http_response response) {
  if (!awaiting_answer_ || serial != serial_) return;
  awaiting_answer_ = false;
  abandon_ = nullptr;
  if (thread().draining()) keep_alive_ = false;
  do_write(std::move(response));
}

void http_connection::do_write(http_response response) {
  if (router_ != nullptr) router_->cors().apply(origin_, response);
  const auto& hsts = thread().config().hsts;
  if (!hsts.empty() && stream_.is_secure())
    response.headers.emplace_back("Strict-Transport-Security", hsts);
  head_ = response_head(response, version_, keep_alive_);
  const bool has_body = !is_head_ && may_have_body(response.status);
  body_ = std::move(response.body);
  if (note_) {
    note_->status = response.status;
    note_->user_id = std::move(response.user_id);
  }
  const auto content = !has_body                   ? std::string_view{}
                       : response.built_in.empty() ? std::string_view{body_}
                                                   : response.built_in;
  if (note_) note_->bytes = content.size();
  give(thread().config().body_timeout);
  asio::async_write(
      stream_,
      std::array{asio::const_buffer(asio::buffer(head_)),
                 asio::const_buffer(asio::buffer(content))},
      [self = shared_from_this()](error_state ec, std::size_t) { self->on_written(ec); });
}

void http_connection::on_written(error_state ec) {
  thread().timers().cancel(*this);
  // It may now be idle for a long time.
  free_memory(head_);
  free_memory(body_);
  if (const auto note = std::exchange(note_, nullptr)) log_access(*note);
  if (ec) return;
  if (keep_alive_ && !thread().draining())
    do_wait();
  else
    close_lingering(thread(), std::move(stream_), take_permit());
}

} // namespace

void serve_http(io_thread& thread, http_router& router, io_stream stream, census::permit permit,
                const node_door* door) {
  std::make_shared<http_connection>(thread, &router, std::move(stream), std::move(permit), door)
      ->start();
}

void refuse_http(io_thread& thread, websocket_request request, http_response response) {
  std::make_shared<http_connection>(thread, nullptr, std::move(request.stream),
                                    std::move(request.permit))
      ->refuse(std::move(response));
}

} // namespace hubbub
