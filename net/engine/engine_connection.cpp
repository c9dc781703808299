#include "net/engine/engine_connection.hpp"

#include "net/engine/engine_http.hpp"
#include "net/engine/polling_payload.hpp"
#include "net/log/log.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace hubbub {
namespace {

steady_time clock_now() {
  return std::chrono::steady_clock::now();
}

} // namespace

engine_connection::engine_connection(io_thread& thread, engine_registry& registry,
                                     std::string sid, engine_transport transport)
    : thread_(&thread), serial_(thread.next_serial()), registry_(&registry),
      sid_(std::move(sid)), engine_(*this, thread.config().engine, transport) {
  ++thread_->stats().sessions_opened;
  ++thread_->stats().sessions_open;
  if (transport == engine_transport::polling) ++thread_->stats().polling_open;
}

engine_connection::~engine_connection() {
  thread_->forget_flush(*this);
  if (websocket_) websocket_->drop();
  if (auto* const waiting = candidate()) waiting->drop();
}

void engine_connection::open(std::unique_ptr<engine_consumer> consumer,
                             std::shared_ptr<websocket> socket) {
  consumer_ = std::move(consumer);
  websocket_ = std::move(socket);
  if (websocket_) websocket_->own(this);
  engine_.open(sid_, clock_now());
  set_timer();
}

void engine_connection::poll(std::uint64_t id, http_responder respond) {
  const auto self = shared_from_this();
  const auto verdict = engine_.on_poll(clock_now());
  set_timer();
  if (verdict != request_verdict::accepted) {
    respond(to_response(verdict));
    return;
  }
  polling().waiting = std::make_unique<waiting_poll>(waiting_poll{id, std::move(respond)});
  if (!polling_->queue.empty() || engine_.answer_polls_at_once()) release_poll();
}

void engine_connection::abandon_poll(std::uint64_t id) {
  if (!polling_ || !polling_->waiting || polling_->waiting->id != id) return;
  polling_->waiting.reset();
  engine_.on_poll_lost(clock_now());
  set_timer();
}

void engine_connection::post(std::string_view body, const http_responder& respond) {
  const auto self = shared_from_this();
  const bool poll_waited = polling_ && polling_->waiting;
  const auto verdict = engine_.on_post(body, clock_now());
  set_timer();
  if (verdict != request_verdict::accepted) {
    respond(to_response(verdict));
    return;
  }
  if (polling_ && polling_->closed_by_client && !poll_waited)
    registry_->on_poll_overtaken(sid_);
  respond(post_answer());
}

void engine_connection::probe(std::shared_ptr<websocket> socket) {
  const auto self = shared_from_this();
  if (!engine_.on_candidate(clock_now())) {
    end_candidate(*socket, false);
    return;
  }
  polling().candidate = std::move(socket);
  polling().probe_answered = false;
  candidate()->own(this);
  set_timer();
}

void engine_connection::send(const frame_ptr& frame) {
  if (may_tell()) enqueue(frame);
}

void engine_connection::send_volatile(const frame_ptr& frame) {
  if (is_crowded())
    ++thread_->stats().volatile_dropped;
  else if (may_tell())
    put(frame);
}

void engine_connection::close(close_reason reason) {
  const auto self = shared_from_this();
  engine_.close(reason);
}

void engine_connection::wake_session_at(steady_time when) {
  wake_at_ = std::min(wake_at_, when);
  set_timer();
}

void engine_connection::enqueue(const frame_ptr& frame) {
  if (!is_crowded() || make_room(*frame)) put(frame);
}

/// Queues a frame without a look at the bounds.
void engine_connection::put(const frame_ptr& frame) {
  if (websocket_)
    websocket_->send(frame);
  else
    polling().queue.push(frame);
  thread_->flush_soon(*this);
}

void engine_connection::on_connected() {
  if (wait_id_ != 0) registry_->on_wait_ended(std::exchange(wait_id_, 0));
}

/// The sid would let a reader of the log take the connection over.
std::string engine_connection::number() const {
  return std::to_string(thread_->handle().index) + "-" + std::to_string(serial_);
}

std::string_view engine_connection::user() const {
  return user_id ? std::string_view{*user_id} : std::string_view{};
}

void engine_connection::on_too_fast(std::string_view what) {
  if (!logs(log_event::rate_limited)) return;
  log(log_event::rate_limited, "a client is too fast, and its requests are refused",
      {{"what", what},
       {"connection", number()},
       {"user", user()},
       {"client", to_string(client)}});
}

void engine_connection::on_kept_out(const refused_connect& what) {
  if (!logs(log_event::connect_refused)) return;
  log(log_event::connect_refused, "a client may not enter the chat",
      {{"reason", what.why},
       {"why", what.sentence},
       {"connection", number()},
       {"user", what.user},
       {"client", to_string(client)},
       {"kid", what.key_id}});
}

std::size_t engine_connection::held_bytes() const {
  const auto* const upgrading = candidate();
  return session_held_ + (upgrading != nullptr ? upgrading->held_bytes() : 0) +
         (websocket_ ? websocket_->held_bytes() : queued_bytes());
}

void engine_connection::flush() {
  if (websocket_) return websocket_->flush();
  const auto self = shared_from_this(); // the answer may end the session
  if (polling_ && !polling_->queue.empty()) release_poll();
}

void engine_connection::on_time(steady_time now) {
  const auto self = shared_from_this();
  if (const auto deadline = engine_.deadline(); deadline && *deadline <= now)
    engine_.on_time(now);
  if (wake_at_ <= now) {
    wake_at_ = steady_time::max();
    if (consumer_) consumer_->on_wake();
  }
  set_timer();
}

void engine_connection::set_timer() {
  const auto deadline = engine_.deadline();
  if (!deadline)
    thread_->timers().cancel(*this);
  else
    thread_->timers().set(*this, std::min(*deadline, wake_at_));
}

void engine_connection::send_packet(engine_type type, std::string_view data) {
  enqueue(text_frame(encode_packet(type, data)));
}

void engine_connection::on_pong(steady_time::duration round_trip) {
  thread_->stats().pings.observe(round_trip);
}

void engine_connection::on_message(std::string data, bool binary) {
  ++thread_->stats().packets_received;
  if (thread_->is_deaf()) {
    // Later, since the state machine is the caller.
    boost::asio::post(thread_->context(),
                      [self = shared_from_this()] { self->close(close_reason::shutdown); });
    return;
  }
  if (consumer_) consumer_->on_message(std::move(data), binary);
}

void engine_connection::release_poll() {
  const auto poll = take_poll();
  if (!poll) return;
  engine_.on_poll_answered();
  auto& queue = polling().queue;
  auto body = queue.empty() ? encode_packet(engine_type::noop)
                            : take_payload(queue, thread_->config().engine.max_payload);
  thread_->stats().bytes_sent += body.size();
  poll->respond(poll_answer(std::move(body)));
}

void engine_connection::refuse_poll(close_reason reason) {
  if (polling_ && !polling_->queue.empty()) return release_poll();
  const auto poll = take_poll();
  if (!poll) return;
  engine_.on_poll_answered();
  poll->respond(end_of_session(reason));
}

void engine_connection::send_on_candidate(engine_type type, std::string_view data) {
  auto* const to = candidate();
  if (to == nullptr) return;
  polling().probe_answered = true;
  to->send(text_frame(encode_packet(type, data)));
  to->flush();
}

void engine_connection::promote_candidate() {
  websocket_ = std::move(polling_->candidate);
  --thread_->stats().polling_open;
  websocket_->send_all(polling_->queue);
  websocket_->flush();
  if (!polling_->waiting) polling_.reset();
}

void engine_connection::drop_candidate() {
  if (!polling_) return;
  if (const auto socket = std::exchange(polling_->candidate, nullptr))
    end_candidate(*socket, polling_->probe_answered);
}

/// Closes a candidate. If its session is over as well, it sends no close frame: the
/// asynchronous python-engineio would take that for the answer to its probe, fail, and not try
/// again. And once it has that answer, it ends only after the packet that completes the
/// upgrade: a JavaScript client whose candidate ends before the answer to its last poll neither
/// polls nor reconnects until its ping time-out
/// (findings/socket_io_broken_upgrade_falls_silent.sh).
void engine_connection::end_candidate(websocket& socket, bool probe_answered) {
  if (!engine_.closed())
    socket.close(close_reason::server_disconnect);
  else if (probe_answered)
    socket.end_after_next_message();
  else
    socket.drop();
}

void engine_connection::on_closed(close_reason reason) {
  thread_->timers().cancel(*this);
  wake_at_ = steady_time::max();
  if (polling_) {
    polling_->closed_by_client = reason == close_reason::client_close;
    polling_->queue.clear();
  }
  if (const auto socket = std::exchange(websocket_, nullptr)) socket->close(reason);

  auto& stats = thread_->stats();
  if (engine_.transport() == engine_transport::polling) --stats.polling_open;
  --stats.sessions_open;
  ++stats.closed[static_cast<std::size_t>(reason)];
  // The consumer may be the caller, so it stays until the connection is destroyed.
  if (consumer_) consumer_->on_closed(reason);
  on_connected(); // the session waits no longer for a namespace
  if (is_wanted_back(reason) && engine_.transport() == engine_transport::polling)
    registry_->on_posts_overtaken(sid_);
  registry_->on_session_closed(sid_);
  thread_->on_ended();
}

void engine_connection::on_websocket_message(websocket& from, std::string data, bool binary) {
  const auto self = shared_from_this();
  if (&from == candidate())
    engine_.on_candidate_message(data, binary, clock_now());
  else
    engine_.on_websocket_message(std::move(data), binary, clock_now());
  set_timer();
}

void engine_connection::on_websocket_violation(websocket& from) {
  if (&from == candidate()) return;
  const auto self = shared_from_this();
  engine_.on_websocket_violation(clock_now());
  set_timer();
}

void engine_connection::on_websocket_closed(websocket& from, close_reason reason) {
  const auto self = shared_from_this();
  if (&from == candidate()) {
    polling_->candidate.reset();
    engine_.on_candidate_closed(clock_now());
  } else {
    websocket_.reset();
    engine_.on_websocket_closed(reason, clock_now());
  }
  set_timer();
}

} // namespace hubbub
