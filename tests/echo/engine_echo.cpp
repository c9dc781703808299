#include "tests/echo/engine_echo.hpp"

namespace hubbub {
namespace {

class echo_consumer final : public engine_consumer {
 public:
  explicit echo_consumer(engine_connection& connection) : connection_(&connection) {}

  void on_message(std::string data, bool binary) override {
    if (binary)
      connection_->send(binary_frame(data));
    else
      connection_->send(text_frame(to_digit(engine_type::message) + data));
  }
  void on_wake() override {}
  void on_closed(close_reason) override {}

 private:
  engine_connection* connection_; ///< which owns this
};

} // namespace

consumer_factory echo_consumers() {
  return [](io_thread&, const std::shared_ptr<engine_connection>& connection) {
    connection->on_connected(); // a bare session has no namespace to wait for
    return std::make_unique<echo_consumer>(*connection);
  };
}

} // namespace hubbub
