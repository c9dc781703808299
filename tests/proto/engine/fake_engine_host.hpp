#pragma once

#include "proto/engine/engine_session.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

inline constexpr engine_config test_config{.ping_interval = std::chrono::milliseconds{300},
                                           .ping_timeout = std::chrono::milliseconds{200},
                                           .upgrade_timeout = std::chrono::milliseconds{1000},
                                           .lost_poll_grace = std::chrono::milliseconds{20},
                                           .max_payload = 1'000'000};

/// A connection without sockets. Time is a value, and the log shows what is visible from
/// outside: "answer 4a|4b" (a poll's response), "refuse shutdown" (an error instead of one),
/// "ws 4a", "candidate 3probe", "message a", "bytes a", "promote", "drop", "closed <reason>".
/// Like a real connection it writes when its turn is over. It asserts what a session guarantees
/// to every host.
class fake_engine_host : public engine_host {
 public:
  explicit fake_engine_host(engine_transport transport,
                            const engine_config& config = test_config)
      : session(*this, config, transport) {}

  void open() {
    session.open("s1", now);
    flush();
  }
  /// Sends a GET whose answer, if it is due, is then in the log.
  request_verdict get() {
    const auto verdict = hold_poll();
    if (poll_waits_ && session.answer_polls_at_once()) answer();
    flush();
    return verdict;
  }
  /// Sends a GET whose answer is still under way when the next input comes.
  request_verdict hold_poll() {
    const auto verdict = session.on_poll(now);
    if (verdict == request_verdict::accepted) poll_waits_ = true;
    return verdict;
  }
  /// Ends the connection of the waiting poll.
  void lose_poll() {
    REQUIRE(std::exchange(poll_waits_, false));
    session.on_poll_lost(now);
    flush();
  }
  request_verdict post(std::string_view body) {
    const auto verdict = session.on_post(body, now);
    flush();
    return verdict;
  }
  void websocket(std::string data, bool binary = false) {
    session.on_websocket_message(std::move(data), binary, now);
    flush();
  }
  void websocket_violation() {
    session.on_websocket_violation(now);
    flush();
  }
  void websocket_closed(close_reason reason) {
    session.on_websocket_closed(reason, now);
    flush();
  }
  bool candidate_opens() {
    const auto welcome = session.on_candidate(now);
    candidate_ = candidate_ || welcome;
    flush();
    return welcome;
  }
  void candidate(std::string_view data, bool binary = false) {
    session.on_candidate_message(data, binary, now);
    flush();
  }
  void candidate_closed() {
    candidate_ = false;
    session.on_candidate_closed(now);
    flush();
  }
  void close(close_reason reason) {
    session.close(reason);
    flush();
  }
  /// Lets time pass, and calls the session exactly when it wants to be called.
  void advance(std::chrono::milliseconds span) {
    const auto end = now + span;
    while (session.deadline() && *session.deadline() <= end) {
      now = std::max(now, *session.deadline());
      session.on_time(now);
      flush();
    }
    now = end;
  }
  /// Sends a message of the application.
  void say(std::string_view text) {
    if (over_) return;
    queue_.push_back("4" + std::string{text});
    flush();
  }
  /// Returns what happened since the last call.
  std::vector<std::string> news() { return std::exchange(log_, {}); }

  void send_packet(engine_type type, std::string_view data) override {
    REQUIRE_FALSE(over_);
    queue_.push_back(to_digit(type) + std::string{data});
    if (during_send) during_send();
  }
  void on_message(std::string data, bool binary) override {
    note((binary ? "bytes " : "message ") + data);
    if (during_message) during_message(data);
  }
  void on_pong(steady_time::duration round_trip) override { round_trips.push_back(round_trip); }
  void release_poll() override {
    REQUIRE_FALSE(over_);
    if (poll_waits_) answer();
    if (during_release) during_release();
  }
  void refuse_poll(close_reason reason) override {
    REQUIRE_FALSE(over_);
    REQUIRE(is_wanted_back(reason));
    if (poll_waits_ && !queue_.empty()) answer();
    if (!std::exchange(poll_waits_, false)) return;
    note("refuse " + std::string{to_string(reason)});
    session.on_poll_answered();
  }
  void send_on_candidate(engine_type type, std::string_view data) override {
    REQUIRE(candidate_);
    note(std::string{"candidate "} + to_digit(type) + std::string{data});
  }
  void promote_candidate() override {
    REQUIRE(std::exchange(candidate_, false));
    REQUIRE(session.transport() == engine_transport::websocket);
    REQUIRE_FALSE(poll_waits_);
    note("promote");
  }
  void drop_candidate() override {
    REQUIRE(std::exchange(candidate_, false));
    note("drop");
  }
  void on_closed(close_reason reason) override {
    REQUIRE_FALSE(poll_waits_);
    REQUIRE_FALSE(candidate_);
    flush();
    note("closed " + std::string{to_string(reason)});
    over_ = true;
  }

  engine_session session;
  steady_time now{};
  // Called within `on_message`, as an application would act.
  std::function<void(const std::string&)> during_message;
  std::function<void()> during_send;
  std::function<void()> during_release;

  [[nodiscard]] bool poll_waits() const { return poll_waits_; }
  [[nodiscard]] bool has_candidate() const { return candidate_; }

  std::vector<steady_time::duration> round_trips; ///< from pings to their pongs

 private:
  void note(std::string what) {
    REQUIRE_FALSE(over_);
    log_.push_back(std::move(what));
  }
  void answer() {
    std::string joined;
    for (const auto& packet : queue_)
      joined += (joined.empty() ? "" : "|") + packet;
    queue_.clear();
    poll_waits_ = false;
    log_.push_back("answer " + (joined.empty() ? "6" : joined));
    session.on_poll_answered();
  }
  void flush() {
    if (session.transport() == engine_transport::websocket) {
      for (const auto& packet : std::exchange(queue_, {}))
        log_.push_back("ws " + packet);
    } else if (poll_waits_ && !queue_.empty()) {
      answer();
    }
  }

  std::vector<std::string> log_;
  std::vector<std::string> queue_;
  bool poll_waits_ = false;
  bool candidate_ = false;
  bool over_ = false;
};

} // namespace hubbub
