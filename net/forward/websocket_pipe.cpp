#include "net/forward/websocket_pipe.hpp"

#include "net/forward/node_dial.hpp"
#include "net/forward/node_url.hpp"
#include "net/io/free_memory.hpp"
#include "net/io/io_stream.hpp"
#include "net/io/io_thread.hpp"
#include "net/io/lingering_close.hpp"
#include "net/log/log.hpp"

#include <boost/asio/buffer.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace hubbub {
namespace {

namespace asio = boost::asio;
using error_state = boost::system::error_code;

/// Time for one side to take what is left once the other has ended.
constexpr std::chrono::milliseconds ending_patience{5'000};
/// Maximum number of reads of one side in a pass, so that others have their turn.
constexpr int pipe_reads_per_pass = 16;

/// Counts and logs that a node has not taken a WebSocket.
void note_failure(io_thread& thread, const node_peer& peer, std::string_view why) {
  ++thread.stats().forwards_failed;
  log(log_event::forward_failed, "a node has not taken a WebSocket for one of its sessions",
      {{"url", node_url_of(peer.route().place)}, {"reason", why}});
}

/// Counts a WebSocket while its node is being connected to, which ends by itself.
class dialled_pipe final : public peer_user {
 public:
  using peer_user::peer_user;
  void on_peer_gone() override {}
};

class websocket_pipe final : public transport,
                             public timed,
                             public peer_user,
                             public std::enable_shared_from_this<websocket_pipe> {
 public:
  websocket_pipe(io_thread& thread, std::shared_ptr<node_peer> to, io_stream client,
                 io_socket far, census::permit permit)
      : transport(thread, std::move(permit)), peer_user(std::move(to)),
        client_(std::move(client)), node_(io_stream{std::move(far)}) {
    ++this->thread().stats().pipes;
    ++this->thread().stats().pipes_open;
  }
  ~websocket_pipe() override { --thread().stats().pipes_open; }

  /// Begins with what goes to the node first.
  void start(std::string first) {
    upward_.rest = std::move(first);
    error_state ec;
    client_.socket().non_blocking(true, ec);
    if (ec) return abort();
    thread().timers().set(*this,
                          std::chrono::steady_clock::now() + thread().config().header_timeout);
    pump(upward_);
    if (!is_over_) pump(downward_);
  }

  void drain() override { end(); }
  void abort() override {
    is_over_ = true;
    thread().timers().cancel(*this);
    client_.close();
    node_.close();
  }
  void on_time(steady_time) override {
    if (!has_answered_) note_failure(thread(), peer(), "has not answered in time");
    abort();
  }
  void on_peer_gone() override {
    if (!has_answered_) note_failure(thread(), peer(), "is gone");
    end();
  }

 private:
  /// One of the two ways.
  struct way {
    io_stream* from;
    io_stream* to;
    std::string rest = {}; ///< what was read and not taken yet
    bool waits_to_write = false;
    bool has_ended = false;
  };

  /// Moves what there is, and waits for more.
  void pump(way& which);
  /// Writes what waits; false if it has to wait for the other side.
  [[nodiscard]] bool push(way& which);
  void wait_to_read(way& which, bool read_nothing);
  void wait_to_write(way& which);
  void on_end(way& which);
  void end();
  [[nodiscard]] bool is_flowing() const {
    return has_answered_ && !upward_.has_ended && !downward_.has_ended;
  }
  /// Sets or ends the time in which a side has to take something. A client gets pings.
  void watch_for_stall();

  io_stream client_;
  io_stream node_;
  way upward_{&client_, &node_};
  way downward_{&node_, &client_};
  bool has_answered_ = false; ///< the other node has
  bool is_over_ = false;
};

void websocket_pipe::pump(way& which) {
  for (int i = 0; i < pipe_reads_per_pass; ++i) {
    if (!push(which)) return;
    if (which.has_ended) return end();
    const auto space = thread().read_space();
    error_state ec;
    const auto count = which.from->read_some(asio::buffer(space.data(), space.size()), ec);
    if (ec == asio::error::would_block) return wait_to_read(which, true);
    which.rest.assign(space.data(), count);
    if (count > 0 && &which == &downward_ && !std::exchange(has_answered_, true))
      thread().timers().cancel(*this);
    if (ec) return on_end(which);
  }
  if (push(which)) wait_to_read(which, false);
}

bool websocket_pipe::push(way& which) {
  error_state ec;
  which.to->send_unsent(ec);
  while (!ec && !which.rest.empty()) {
    const asio::const_buffer bytes{which.rest.data(), which.rest.size()};
    const auto count = which.to->write_some({&bytes, 1}, ec);
    which.rest.erase(0, count);
    if (!ec && (which.to->unsent() > 0 || count == 0)) ec = asio::error::would_block;
  }
  if (!ec) {
    free_memory(which.rest); // it may now be idle for a long time
    return true;
  }
  const auto& other = &which == &upward_ ? downward_ : upward_;
  if (ec == asio::error::would_block)
    wait_to_write(which);
  else if (other.has_ended && !other.rest.empty())
    free_memory(which.rest); // it has ended on purpose, and the rest of its words comes first
  else
    end();
  return false;
}

void websocket_pipe::wait_to_read(way& which, bool read_nothing) {
  which.from->async_wait_readable(read_nothing,
                                  [self = shared_from_this(), &which](error_state ec) {
                                    if (self->is_over_) return;
                                    if (ec)
                                      self->end();
                                    else
                                      self->pump(which);
                                  });
}

void websocket_pipe::watch_for_stall() {
  if (!is_flowing()) return; // the time is another one's
  const auto& engine = thread().config().engine;
  if (upward_.waits_to_write || downward_.waits_to_write)
    thread().timers().set(*this, std::chrono::steady_clock::now() + engine.ping_interval +
                                     engine.ping_timeout);
  else
    thread().timers().cancel(*this);
}

void websocket_pipe::wait_to_write(way& which) {
  which.waits_to_write = true;
  watch_for_stall();
  which.to->async_wait_writable([self = shared_from_this(), &which](error_state ec) {
    which.waits_to_write = false;
    if (self->is_over_) return;
    self->watch_for_stall();
    if (ec)
      self->end();
    else
      self->pump(which);
  });
}

/// Handles the end of one side: the other one gets what was read before.
void websocket_pipe::on_end(way& which) {
  which.has_ended = true;
  thread().timers().set(*this, std::chrono::steady_clock::now() + ending_patience);
  if (push(which)) end();
}

/// Ends both sides. The client gets the time to read what was sent last.
void websocket_pipe::end() {
  if (std::exchange(is_over_, true)) return;
  const auto self = shared_from_this();
  thread().timers().cancel(*this);
  node_.close();
  error_state ignored;
  client_.socket().cancel(ignored);
  close_lingering(thread(), std::move(client_), take_permit());
}

} // namespace

void pipe_to(io_thread& thread, std::shared_ptr<node_peer> peer, websocket_request request,
             std::string target, pipe_refusal refuse) {
  auto kept = std::make_shared<websocket_request>(std::move(request));
  auto& names = peer->names();
  auto counted = std::make_shared<dialled_pipe>(peer);
  dial_node(thread, names,
            [&thread, counted = std::move(counted), peer = std::move(peer), kept,
             target = std::move(target),
             refuse = std::move(refuse)](error_state ec, io_socket socket) {
              if (ec || peer->is_retired()) {
                if (!thread.draining())
                  note_failure(thread, *peer, ec ? ec.message() : std::string{"is gone"});
                refuse(std::move(*kept), thread.draining() ? forward_failure::stopping
                                                           : forward_failure::unreachable);
                return;
              }
              auto first = upgrade_head(kept->request, target, peer->route()) + kept->leftover;
              std::make_shared<websocket_pipe>(thread, peer, std::move(kept->stream),
                                               std::move(socket), std::move(kept->permit))
                  ->start(std::move(first));
            });
}

} // namespace hubbub
