#include "tests/echo/echo_application.hpp"

#include <chrono>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub {
namespace {

// Clients that await one message at a time lose the second of two that arrive together.
constexpr std::chrono::milliseconds pace{20};

class pacer final : public pacer_actor::base {
 public:
  using pacer_actor::base::base;

  behavior_type make_behavior() override {
    return {
        [this](take_turn) {
          compat::delayed_send(this, pacer_actor{this}, pace, turn_over{});
          return waiting_.emplace_back(make_response_promise<bool>());
        },
        [this](turn_over) {
          waiting_.front().deliver(true);
          waiting_.pop_front();
        },
    };
  }

 private:
  std::deque<caf::typed_response_promise<bool>> waiting_;
};

/// Returns an event's arguments, joined with commas.
std::string arguments(json::value event) {
  std::string out;
  for (std::size_t i = 1; i < event.size(); ++i) {
    if (i > 1) out += ',';
    event.at(i).dump(out);
  }
  return out;
}

class echo_application final : public application {
 public:
  echo_application(const session_context& context, pacer_actor pacer)
      : context_(context), pacer_(std::move(pacer)) {}

  admission on_connect(std::string_view nsp, json::value) override {
    if (nsp == "/" || nsp == "/custom") return welcome{};
    return refusal{R"({"message":"Invalid namespace"})"};
  }

  void on_connected(std::string_view nsp, json::value auth) override {
    std::string payload;
    if (auth.exists())
      auth.dump(payload);
    else
      payload = "{}";
    send_auth(std::string{nsp}, std::move(payload));
  }

  void on_event(event_packet event) override {
    const auto args = arguments(event.data.root());
    if (event.name() == "message")
      context_.self->socket().emit(event.nsp, "message-back", args, event.attachments);
    else if (event.name() == "message-with-ack" && event.id)
      context_.self->socket().ack(event.nsp, *event.id, args, event.attachments);
  }

  void on_ack(ack_packet) override {}
  void on_disconnect(std::string_view, close_reason) override {}

 private:
  void send_auth(std::string nsp, std::string payload) {
    compat::request(context_.self, pacer_, caf::infinite, take_turn{})
        .then([this, nsp = std::move(nsp), payload = std::move(payload)](bool) {
          context_.self->socket().emit(nsp, "auth", payload);
        });
  }

  session_context context_;
  pacer_actor pacer_;
};

} // namespace

application_factory echo_applications(const pacer_actor& pacer) {
  return [pacer](const session_context& context) {
    return std::make_unique<echo_application>(context, pacer);
  };
}

pacer_actor spawn_pacer(caf::actor_system& system) {
  return system.spawn<pacer>();
}

} // namespace hubbub
