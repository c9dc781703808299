#pragma once

#include "bench/client/file_descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <thread>

namespace hubbub::bench {

/// A fault that the proxy applies to one message on its way to one client.
enum class mischief : std::uint8_t {
  none,
  drop,
  repeat,
  swap,
  garble,
  cut,
  stall, ///< it and everything else from the server waits until clients have sent much more
};

/// Stands between the driver and a server and spoils one `new_message`, so that a test can see
/// whether the driver notices.
class faulty_proxy {
 public:
  /// Number of pieces that clients send during a stall.
  static constexpr std::size_t stalled_sends = 40;

  /// Spoils the `which`-th message of all that pass.
  faulty_proxy(std::uint16_t server, mischief what, std::size_t which);
  ~faulty_proxy();
  faulty_proxy(const faulty_proxy&) = delete;
  faulty_proxy& operator=(const faulty_proxy&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  struct route {
    file_descriptor client;
    file_descriptor server;
    bool is_upgraded = false;
    bool is_over = false;
    std::string unread; ///< bytes from the server
    std::string held;   ///< a frame that must wait for the next one
  };

  void serve();
  void accept();
  void take_from_client(route& on);
  void take_from_server(route& on);
  /// Passes complete frames on, and spoils the chosen one.
  void pass(route& on);
  void pass_frame(route& on, std::string frame, std::string_view payload);

  std::uint16_t server_;
  mischief what_;
  std::size_t which_;
  std::size_t seen_ = 0;
  std::size_t stall_left_ = 0; ///< sends of clients until the stall ends
  std::uint16_t port_ = 0;
  file_descriptor listener_;
  file_descriptor stop_; ///< an eventfd that ends the thread
  std::list<route> routes_;
  std::jthread thread_;
};

} // namespace hubbub::bench
