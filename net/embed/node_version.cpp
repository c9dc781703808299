#include "net/embed/node_version.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>
#include <hubbub/errc.hpp>
#include <hubbub/version.hpp>

#include <string>

namespace hubbub {
namespace {

std::string text_of(const api::version& which) {
  return std::to_string(which.major_part) + "." + std::to_string(which.minor_part) + "." +
         std::to_string(which.patch_part);
}

} // namespace

api::version own_version() {
  return {HUBBUB_VERSION_MAJOR, HUBBUB_VERSION_MINOR, HUBBUB_VERSION_PATCH};
}

caf::error check_version(const api::version& ours, const api::version& theirs) {
  if (ours.major_part == theirs.major_part && ours.minor_part == theirs.minor_part) return {};
  return make_error(errc::other_version, "the other node runs Hubbub " + text_of(theirs) +
                                             ", this one " + text_of(ours) +
                                             ": both must be of the same minor version");
}

caf::error check_version_of(caf::actor_system& system, const gateway_actor& other,
                            std::chrono::milliseconds limit) {
  caf::scoped_actor self{system};
  caf::error failed;
  self->request(other, limit, api::ask_version{})
      .receive(
          [&failed](const api::version& theirs) {
            failed = check_version(own_version(), theirs);
          },
          [&failed](const caf::error& why) {
            failed =
                make_error(why == caf::sec::request_timeout ? errc::late : errc::unreachable,
                           "the other node does not say which version it runs");
          });
  return failed;
}

} // namespace hubbub
