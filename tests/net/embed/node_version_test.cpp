#include "net/embed/node_version.hpp"
#include "tests/net/embed/hosted_rooms.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

using namespace hubbub;
using namespace hubbub::test;
using namespace std::chrono_literals;

namespace {

/// What stands for a gateway of some version, or for one that does not say which.
caf::behavior pretend(caf::event_based_actor*, const std::optional<api::version>& which) {
  return {[which](const api::ask_version&) -> caf::result<api::version> {
    if (!which) return make_error(errc::stopping);
    return *which;
  }};
}

} // namespace

TEST_CASE("nodes of the same minor version understand each other, others do not") {
  const api::version ours{2, 5, 1};
  CHECK_FALSE(check_version(ours, {2, 5, 1}));
  CHECK_FALSE(check_version(ours, {2, 5, 9}));
  for (const auto& theirs :
       {api::version{2, 4, 1}, api::version{2, 6, 1}, api::version{3, 5, 1}})
    CHECK(code_of(check_version(ours, theirs)) == errc::other_version);
  CHECK(text_of(check_version(ours, {2, 6, 0})) ==
        "the other node runs Hubbub 2.6.0, this one 2.5.1: both must be of the same minor "
        "version");
}

TEST_CASE("a gateway says its version, and one of another version is refused") {
  hosted_rooms host;
  const auto own = host.must(api::ask_version{});
  CHECK(own.minor_part == HUBBUB_VERSION_MINOR);
  CHECK_FALSE(check_version_of(host.system, host.way_in, hosted_rooms::patience));

  const auto spawn = [&host](std::optional<api::version> which) {
    return caf::actor_cast<gateway_actor>(host.system.spawn(pretend, which));
  };
  const auto other = spawn(api::version{own.major_part, own.minor_part + 1, 0});
  const auto why = check_version_of(host.system, other, hosted_rooms::patience);
  CHECK(code_of(why) == errc::other_version);
  CHECK(host.system.render(why).find("the other node runs Hubbub") != std::string::npos);
  CHECK(code_of(check_version_of(host.system, spawn(std::nullopt), hosted_rooms::patience)) ==
        errc::unreachable);
}

TEST_CASE("a gateway that does not answer is not waited for longer than the limit") {
  hosted_rooms host;
  // The test's own actor, which reads nothing meanwhile.
  const auto silent =
      caf::actor_cast<gateway_actor>(caf::actor_cast<caf::strong_actor_ptr>(host.self));
  CHECK(code_of(check_version_of(host.system, silent, 10ms)) == errc::late);
}
