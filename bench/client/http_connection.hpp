#pragma once

#include "bench/client/endpoint.hpp"
#include "bench/client/event_loop.hpp"
#include "bench/client/file_descriptor.hpp"
#include "bench/client/http_reader.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace hubbub::bench {

class http_connection;

/// The interface of the code that makes requests.
class http_asker {
 public:
  /// Says that the response has arrived; `body` is valid until the next request.
  virtual void on_response(http_connection& from, int status, std::string_view body) = 0;
  /// Says that no response came; `why` is a sentence without its subject.
  virtual void on_no_response(http_connection& from, std::string why) = 0;

 protected:
  ~http_asker() = default;
};

/// A connection for one HTTP request at a time. It connects at the first request, stays open as
/// long as the server lets it, and connects anew if the server closed it between two requests.
class http_connection final : event_handler {
 public:
  http_connection(event_loop& loop, const endpoint& server, std::size_t number)
      : loop_(&loop), server_(&server), number_(number) {}

  void get(const std::string& target, http_asker& asker);
  void post(const std::string& target, std::string_view body, http_asker& asker);
  /// Closes the connection at once; the owner of an open request is not told.
  void drop();
  [[nodiscard]] bool is_busy() const { return asker_ != nullptr; }

 private:
  void ask(std::string request, http_asker& asker);
  void begin();
  void on_events(std::uint32_t events) override;
  void read();
  void flush();
  void watch_writable(bool wanted);
  void on_finished();
  void on_broken(std::string why);

  event_loop* loop_;
  const endpoint* server_;
  std::size_t number_;
  http_asker* asker_ = nullptr;
  file_descriptor socket_;
  bool is_fresh_ = true; ///< no request has been answered on this socket
  bool is_connected_ = false;
  bool watches_writable_ = false;
  std::string request_;
  std::size_t sent_ = 0;
  http_reader reader_;
};

} // namespace hubbub::bench
