#include "net/forward/node_exchange.hpp"

#include "net/forward/node_dial.hpp"
#include "net/forward/node_url.hpp"
#include "net/io/io_thread.hpp"
#include "net/log/log.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using error_state = boost::system::error_code;

/// Largest answer. The longest packets are results of `since` and pages of long messages, which
/// have some megabytes.
constexpr std::uint64_t largest_answer = 67'108'864;
/// The other node writes a few hundred bytes.
constexpr std::uint32_t largest_head = 16'384;
constexpr unsigned status_of_strangers = 401;

/// Headers of a node's answer that go to the client, beside its type.
constexpr std::array passed_headers{http::field::cache_control, http::field::retry_after};

class node_exchange final : public transport,
                            public timed,
                            public peer_user,
                            public std::enable_shared_from_this<node_exchange> {
 public:
  node_exchange(io_thread& thread, std::shared_ptr<node_peer> to, forwarded_request request,
                forward_done done)
      : transport(thread), peer_user(std::move(to)), socket_(thread.context()),
        head_(head_of(request, peer().route())), body_(std::move(request.body)),
        held_(body_.size()), is_poll_(request.method == "GET"), done_(std::move(done)) {
    peer().hold(held_);
  }
  ~node_exchange() override { let_go(); }

  void start(std::chrono::milliseconds patience);
  void abandon() {
    done_ = nullptr;
    close();
  }

  /// A POST is answered at once; refusing it would end some clients' sessions.
  void drain() override {
    if (is_poll_) end_with(forward_failure::stopping);
  }
  void abort() override { end_with(forward_failure::stopping); }
  void on_time(steady_time) override { fail("has not answered in time"); }
  void on_peer_gone() override { fail("is gone"); }

 private:
  void send();
  void on_answer(error_state ec);
  [[nodiscard]] http_response take_answer();
  void fail(std::string_view why);
  void end_with(forward_failure why);
  void close();
  void let_go() { peer().release(std::exchange(held_, 0)); }

  io_socket socket_;
  std::string head_;
  std::string body_;
  std::size_t held_; ///< bytes that are counted with the peer
  bool is_poll_;     ///< it may wait for long
  bool is_sent_ = false;
  forward_done done_; ///< null once it is over
  beast::flat_buffer buffer_;
  std::optional<http::response_parser<http::string_body>> parser_;
};

void node_exchange::start(std::chrono::milliseconds patience) {
  ++thread().stats().forwarded;
  thread().timers().set(*this, std::chrono::steady_clock::now() + patience);
  if (auto kept = peer().take()) {
    socket_ = *std::move(kept);
    send();
    return;
  }
  dial_node(thread(), peer().names(),
            [self = shared_from_this()](error_state ec, io_socket socket) {
              if (!self->done_) return; // the client has gone
              if (ec) return self->fail(ec.message());
              self->socket_ = std::move(socket);
              self->send();
            });
}

void node_exchange::send() {
  asio::async_write(socket_,
                    std::array{asio::const_buffer(asio::buffer(head_)),
                               asio::const_buffer(asio::buffer(body_))},
                    [self = shared_from_this()](error_state ec, std::size_t) {
                      if (ec) return self->fail(ec.message());
                      self->is_sent_ = true;
                      self->let_go();
                      self->head_ = {};
                      self->body_ = {};
                    });
  // A node that refuses a request may answer before it has read all of it.
  parser_.emplace();
  parser_->header_limit(largest_head);
  parser_->body_limit(largest_answer);
  http::async_read(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](error_state ec, std::size_t) { self->on_answer(ec); });
}

void node_exchange::on_answer(error_state ec) {
  if (!done_) return;
  if (ec)
    return fail(ec == http::error::end_of_stream ? "has ended the connection" : ec.message());
  if (parser_->get().result_int() == status_of_strangers)
    return fail("has another node_secret_file");
  auto response = take_answer();
  const bool is_reusable = parser_->keep_alive() && buffer_.size() == 0 && is_sent_;
  const auto done = std::exchange(done_, nullptr);
  thread().timers().cancel(*this);
  if (is_reusable)
    peer().keep(std::move(socket_));
  else
    close();
  done(std::move(response));
}

http_response node_exchange::take_answer() {
  auto& answer = parser_->get();
  http_response response;
  response.status = answer.result_int();
  response.content_type = std::string{answer[http::field::content_type]};
  for (const auto field : passed_headers)
    if (const auto value = answer[field]; !value.empty())
      response.headers.emplace_back(std::string{to_string(field)}, std::string{value});
  response.body = std::move(answer.body());
  return response;
}

void node_exchange::fail(std::string_view why) {
  if (!done_) return;
  if (thread().draining()) return end_with(forward_failure::stopping);
  ++thread().stats().forwards_failed;
  log(log_event::forward_failed, "a node has not taken a request for one of its sessions",
      {{"url", node_url_of(peer().route().place)}, {"reason", why}});
  end_with(forward_failure::unreachable);
}

void node_exchange::end_with(forward_failure why) {
  const auto self = shared_from_this();
  const auto done = std::exchange(done_, nullptr);
  close();
  if (done) done(unexpected(why));
}

void node_exchange::close() {
  thread().timers().cancel(*this);
  error_state ignored;
  socket_.close(ignored);
}

} // namespace

std::function<void()> exchange_with(io_thread& thread, std::shared_ptr<node_peer> peer,
                                    forwarded_request request,
                                    std::chrono::milliseconds patience, forward_done done) {
  const auto made = std::make_shared<node_exchange>(thread, std::move(peer), std::move(request),
                                                    std::move(done));
  made->start(patience);
  return [made = std::weak_ptr{made}] {
    if (const auto exchange = made.lock()) exchange->abandon();
  };
}

} // namespace hubbub
