#include "net/engine/homing_responder.hpp"

#include "net/io/io_thread.hpp"

#include <boost/asio/post.hpp>

#include <memory>
#include <utility>

namespace hubbub {
namespace {

class pigeon {
 public:
  pigeon(io_thread& home, http_responder respond)
      : home_(&home), respond_(std::move(respond)) {}
  ~pigeon() {
    if (!respond_) return;
    try {
      boost::asio::post(home_->context(), [unused = std::move(respond_)] {});
    } catch (...) { // without memory it ends here instead
      respond_ = nullptr;
    }
  }
  pigeon(const pigeon&) = delete;
  pigeon& operator=(const pigeon&) = delete;

  void fly(http_response response) {
    if (!respond_) return;
    boost::asio::post(home_->context(), [respond = std::exchange(respond_, nullptr),
                                         response = std::move(response)]() mutable {
      respond(std::move(response));
    });
  }

 private:
  io_thread* home_;
  http_responder respond_;
};

} // namespace

http_responder homing_responder(io_thread& home, http_responder respond) {
  return [bird = std::make_shared<pigeon>(home, std::move(respond))](http_response response) {
    bird->fly(std::move(response));
  };
}

} // namespace hubbub
