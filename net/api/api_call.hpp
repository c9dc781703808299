#pragma once

#include "actors/runtime/caf_compat.hpp"
#include "actors/session_interface.hpp"
#include "net/http/http_exchange.hpp"
#include "proto/access/access.hpp"
#include "proto/error.hpp"

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

  /// Answers the request; after the first answer others are dropped.
  void answer(http_response response);
  void answer_json(unsigned status, std::string body, header_list headers = {});
  /// Answers with an error body and the status of the error's code.
  void fail(const error& why);
  void fail(const error& why, unsigned status, header_list headers = {});

 private:
  http_request request_;
  http_responder respond_;
  access_ptr access_ = open_access();
  std::shared_ptr<const void> tally_;
};

using api_call_ptr = std::shared_ptr<api_call>;

} // namespace hubbub
