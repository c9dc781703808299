#pragma once

#include "actors/runtime/caf_compat.hpp"
#include "proto/expected.hpp"
#include "proto/trace/trace_story.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace hubbub {

/// A question about what happened, and how many steps of the answer are wanted.
struct trace_search {
  trace_question question;
  std::size_t most = 0;
  /// Held until it is answered, however long that takes; may be null.
  std::shared_ptr<const std::monostate> turn = nullptr;
};

/// What is remembered: the last steps, each as `tell_trace` tells it, the oldest first.
struct trace_memoir {
  std::int64_t since_us = 0; ///< everything since then is remembered
  std::size_t left_out = 0;  ///< earlier steps that were not wanted
  std::vector<std::string> steps;
};
using trace_outcome = expected<trace_memoir, std::string>;

/// Reads the flight recorder's file, which takes too long for an io thread.
using trace_teller_actor = compat::typed_actor<
    /// Sent by the HTTP API. Idempotent. The error is a sentence.
    caf::result<trace_outcome>(trace_search)>;

/// Answers from the file of the server's own recorder, one question after the other.
class trace_teller : public trace_teller_actor::base {
 public:
  trace_teller(caf::actor_config& config, std::string path);

  behavior_type make_behavior() override;

 private:
  [[nodiscard]] trace_outcome answer(const trace_search& search) const;

  std::string path_;
};

} // namespace hubbub
