#include "net/websocket/websocket_handshake.hpp"

#include "net/compression/deflate_offer.hpp"
#include "net/io/io_thread.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub {

/// Closes a stream; Beast calls it by this name.
inline void beast_close_socket(io_stream& stream) {
  stream.close();
}

namespace {

namespace beast = boost::beast;
using boost::system::error_code;
using handshake_request = beast::http::request<beast::http::empty_body>;

constexpr std::string_view extensions = "sec-websocket-extensions";

/// Returns the first subprotocol that the client offers, which the client expects to be chosen;
/// empty if it offers none.
std::string first_subprotocol(const http_request& request) {
  const beast::http::token_list offered{request.header("sec-websocket-protocol")};
  if (offered.begin() == offered.end()) return {};
  const auto first = *offered.begin();
  return {first.data(), first.size()};
}

/// Confirms that the window is as large as possible. Beast leaves it out, but a client that
/// asked must be told.
void confirm_window(beast::websocket::response_type& answer) {
  constexpr auto field = beast::http::field::sec_websocket_extensions;
  auto text = std::string{answer[field]};
  if (text.empty()) return;
  answer.set(field, text += "; server_max_window_bits=15");
}

/// A connection whose handshake Beast answers. Beast's stream is large, and destroyed once that
/// is done.
class websocket_handshake final : public transport,
                                  public timed,
                                  public std::enable_shared_from_this<websocket_handshake> {
 public:
  using done_handler = std::function<void(upgraded_stream)>;

  websocket_handshake(io_thread& thread, io_stream stream, std::string leftover,
                      census::permit permit, done_handler done)
      : transport(thread, std::move(permit)), ws_(std::move(stream)),
        leftover_(std::move(leftover)), done_(std::move(done)) {}

  void start(const http_request& request, std::string_view target);

  void drain() override {} // it ends soon enough by itself
  void abort() override { stream().close(); }
  void on_time(steady_time) override { abort(); }

 private:
  void take_offer(const http_request& request, handshake_request& handshake);
  void decorate(std::string subprotocol);
  void on_accept(error_code ec);
  io_stream& stream() { return ws_.next_layer(); }

  beast::websocket::stream<io_stream, true> ws_;
  std::string leftover_;
  done_handler done_;
  bool deflates_ = false;
  bool names_window_ = false; ///< the answer has to say how large the window is
};

void websocket_handshake::start(const http_request& request, std::string_view target) {
  handshake_request handshake{beast::http::verb::get, {target.data(), target.size()}, 11};
  for (const auto& [name, value] : request.headers)
    if (name != extensions) handshake.insert(name, value);
  if (thread().config().compression) take_offer(request, handshake);
  decorate(first_subprotocol(request));

  error_code ec;
  stream().socket().non_blocking(true, ec);
  if (ec) return;
  thread().timers().set(*this,
                        std::chrono::steady_clock::now() + thread().config().header_timeout);
  ws_.async_accept(handshake,
                   [self = shared_from_this()](error_code result) { self->on_accept(result); });
}

void websocket_handshake::take_offer(const http_request& request,
                                     handshake_request& handshake) {
  const auto offer = choose_deflate_offer(request.header_values(extensions));
  if (!offer) return;
  handshake.set(beast::http::field::sec_websocket_extensions, offer->text);
  beast::websocket::permessage_deflate ours;
  ours.server_enable = true;
  // So a message can be compressed once for all clients, and no client has a window kept for
  // it.
  ours.server_no_context_takeover = true;
  ours.client_no_context_takeover = true;
  ws_.set_option(ours);
  names_window_ = offer->names_window;
  deflates_ = true;
}

/// Adds to the answer what Beast leaves to us. A stream has one decorator.
void websocket_handshake::decorate(std::string subprotocol) {
  if (subprotocol.empty() && !names_window_) return;
  ws_.set_option(beast::websocket::stream_base::decorator(
      [subprotocol = std::move(subprotocol),
       names_window = names_window_](beast::websocket::response_type& answer) {
        if (!subprotocol.empty())
          answer.set(beast::http::field::sec_websocket_protocol, subprotocol);
        if (names_window) confirm_window(answer);
      }));
}

void websocket_handshake::on_accept(error_code ec) {
  thread().timers().cancel(*this);
  if (ec)
    abort();
  else
    done_({std::move(stream()), std::move(leftover_), take_permit(), deflates_});
}

} // namespace

void answer_handshake(io_thread& thread, websocket_request request,
                      std::function<void(upgraded_stream)> done) {
  std::make_shared<websocket_handshake>(thread, std::move(request.stream),
                                        std::move(request.leftover), std::move(request.permit),
                                        std::move(done))
      ->start(request.request, request.target);
}

} // namespace hubbub
