#pragma once

#include "actors/limits/refusal_counter.hpp"
#include "actors/runtime/caf_compat.hpp"
#include "actors/session_interface.hpp"
#include "net/http/http_exchange.hpp"
#include "proto/access/access.hpp"
#include "proto/error.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hubbub {

/// One HTTP request until it is answered. Lives on the io thread of its connection.
class api_call {
 public:
  using header_list = std::vector<std::pair<std::string, std::string>>;

  api_call(http_request request, http_responder respond)
      : request_(std::move(request)), respond_(std::move(respond)) {}

  [[nodiscard]] const http_request& request() const { return request_; }
  /// Returns what the client may do; never null.
  [[nodiscard]] const access_ptr& access() const { return access_; }
  void grant(access_ptr to) { access_ = std::move(to); }
  /// Returns who makes the call, for a room.
  [[nodiscard]] user_ptr caller() const { return author(access_->user_id, access_->username); }
  /// Returns the user for whom the call is made, with the call's rights.
  [[nodiscard]] user_ptr author(std::string user_id, std::string username) const;

  /// Keeps `tally` until the call is over, so that its owner can count calls.
  void count_in(std::shared_ptr<const void> tally) { tally_ = std::move(tally); }

  /// Has the time until the answer, and its errors, counted in `counter`; `route` is the place
  /// in the table of routes.
  void measure_in(refusal_counter_ptr counter, std::size_t route) {
    counter_ = std::move(counter);
    route_ = route;
  }

  /// Answers the request; after the first answer others are dropped.
  void answer(http_response response);
  void answer_json(unsigned status, std::string body, header_list headers = {});
  /// Answers with an error body and the status of the error's code.
  void fail(const error& why);
  void fail(const error& why, unsigned status, header_list headers = {});

 private:
  void measure(unsigned status);

  http_request request_;
  http_responder respond_;
  access_ptr access_ = open_access();
  std::shared_ptr<const void> tally_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  refusal_counter_ptr counter_; ///< none before the route is known
  std::size_t route_ = 0;
};

using api_call_ptr = std::shared_ptr<api_call>;

} // namespace hubbub
