#include "net/api/trace_teller.hpp"

#include "net/api/api_service.hpp"
#include "net/trace/recall.hpp"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

namespace hubbub {
namespace {

/// The largest file that a server reads into its memory to answer; the command reads any.
constexpr std::uintmax_t most_bytes = 128'000'000;

} // namespace

trace_teller::trace_teller(caf::actor_config& config, std::string path)
    : trace_teller_actor::base(config), path_(std::move(path)) {}

trace_teller::behavior_type trace_teller::make_behavior() {
  return {[this](trace_search& search) {
    auto told = answer(search);
    search.turn.reset(); // before whoever asked can ask again
    return told;
  }};
}

trace_outcome trace_teller::answer(const trace_search& search) const {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path_, failed);
  if (!failed && size > most_bytes)
    return unexpected<std::string>(
        "the flight recorder's file is too large for this; use 'hubbub trace'");
  const auto memory = recall(path_);
  if (!memory) return unexpected(memory.error());
  std::deque<std::string> last;
  const auto told =
      tell_trace(*memory, search.question, [&last, &search](const std::string& step) {
        if (last.size() == search.most) last.pop_front();
        if (search.most > 0) last.push_back(step);
      });
  return trace_memoir{
      memory->whole_since_us,
      told - last.size(),
      {std::make_move_iterator(last.begin()), std::make_move_iterator(last.end())}};
}

} // namespace hubbub
