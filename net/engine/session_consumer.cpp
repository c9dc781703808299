#include "net/engine/session_consumer.hpp"

#include "actors/runtime/pinned.hpp"

#include <chrono>
#include <utility>

namespace hubbub {
namespace {

class session_consumer final : public engine_consumer {
 public:
  explicit session_consumer(session_actor session) : session_(std::move(session)) {}

  void on_message(std::string data, bool binary) override {
    compat::anon_send(session_, inbound_message{std::move(data), binary});
  }
  void on_wake() override { compat::anon_send(session_, session_event{wake_session{}}); }
  void on_dismissed() override {
    compat::anon_send(session_, session_event{dismiss_session{}});
  }
  void on_closed(close_reason reason) override {
    compat::anon_send(session_, session_event{connection_closed{reason}});
    session_ = nullptr; // it holds the connection
  }

 private:
  session_actor session_;
};

} // namespace

consumer_factory session_consumers(std::shared_ptr<const session_setup> setup) {
  return [setup = std::move(setup)](io_thread& thread,
                                    const std::shared_ptr<engine_connection>& connection) {
    const auto& handle = thread.handle();
    const session_id id{static_cast<std::uint32_t>(handle.index), connection->serial()};
    return std::make_unique<session_consumer>(handle.unit->system().spawn<pinned<session>>(
        *handle.unit, id, connection, handle.relay, setup, std::chrono::steady_clock::now()));
  };
}

} // namespace hubbub
