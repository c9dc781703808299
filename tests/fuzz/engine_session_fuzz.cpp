#include "proto/engine/engine_session.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace hubbub;

namespace {

/// Aborts if a session breaks a guarantee.
class strict_host : public engine_host {
 public:
  void send_packet(engine_type, std::string_view) override { expect(!over_); }
  void on_message(std::string, bool) override { expect(!over_); }
  void release_poll() override { expect(!over_); }
  void refuse_poll(close_reason reason) override { expect(!over_ && is_wanted_back(reason)); }
  void send_on_candidate(engine_type, std::string_view) override {
    expect(!over_ && candidate);
  }
  void promote_candidate() override { expect(!over_ && candidate), candidate = false; }
  void drop_candidate() override { expect(!over_ && candidate), candidate = false; }
  void on_closed(close_reason) override { expect(!over_ && !candidate), over_ = true; }
  bool candidate = false;

 private:
  static void expect(bool kept) {
    if (!kept) std::abort();
  }
  bool over_ = false;
};

void act(engine_session& session, strict_host& host, char input, std::string data,
         steady_time now) {
  switch (input) {
  case 'g': static_cast<void>(session.on_poll(now)); break;
  case 'a': session.on_poll_answered(); break;
  case 'l': session.on_poll_lost(now); break;
  case 'p': static_cast<void>(session.on_post(data, now)); break;
  case 'w': session.on_websocket_message(std::move(data), false, now); break;
  case 'b': session.on_websocket_message(std::move(data), true, now); break;
  case 'v': session.on_websocket_violation(now); break;
  case 'x': session.on_websocket_closed(close_reason::transport_error, now); break;
  case 'o': host.candidate = session.on_candidate(now) || host.candidate; break;
  case 'c': session.on_candidate_message(data, false, now); break;
  case 'd': host.candidate = false, session.on_candidate_closed(now); break;
  case 's': session.close(close_reason::shutdown); break;
  default:
    session.on_time(now);
    // Otherwise a timer would fire for ever.
    if (session.deadline() && *session.deadline() <= now) std::abort();
  }
}

} // namespace

/// Reads lines of an input's letter, a letter for the time that passes before it, and its data;
/// the first line is the transport.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view script{reinterpret_cast<const char*>(data), size};
  const engine_config config{};
  strict_host host;
  engine_session session{host, config,
                         script.starts_with('w') ? engine_transport::websocket
                                                 : engine_transport::polling};
  steady_time now{};
  session.open("s1", now);
  while (!script.empty()) {
    const auto line = script.substr(0, script.find('\n'));
    script.remove_prefix(std::min(line.size() + 1, script.size()));
    if (line.size() < 2) continue;
    now += std::chrono::milliseconds{100} * static_cast<unsigned char>(line[1]);
    act(session, host, line[0], std::string{line.substr(2)}, now);
    if (session.closed() == session.deadline().has_value()) std::abort();
  }
  return 0;
}
