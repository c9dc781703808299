#include "net/engine/homing_responder.hpp"

#include "net/io/io_thread.hpp"

#include <boost/asio/post.hpp>

#include <memory>
#include <utility>

namespace hubbub {
namespace {

/// Carries an answer to the io thread of its connection. Where it is dropped unused, the
/// responder is destroyed there as well.
class answer_carrier {
 public:
  answer_carrier(io_thread& home, http_responder respond)
      : home_(&home), respond_(std::move(respond)) {}
  ~answer_carrier() {
    if (!respond_) return;
    try {
      boost::asio::post(home_->context(), [unused = std::move(respond_)] {});
    } catch (...) { // without memory it ends here instead
      respond_ = nullptr;
    }
  }
  answer_carrier(const answer_carrier&) = delete;
  answer_carrier& operator=(const answer_carrier&) = delete;

  void deliver(http_response response) {
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
  return [carrier = std::make_shared<answer_carrier>(home, std::move(respond))](
             http_response response) { carrier->deliver(std::move(response)); };
}

} // namespace hubbub
