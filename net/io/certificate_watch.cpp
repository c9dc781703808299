#include "net/io/certificate_watch.hpp"

#include "net/log/log.hpp"

#include <ratio>

namespace hubbub {
namespace {

constexpr std::chrono::hours between_looks_at_it{24};

} // namespace

std::optional<std::int64_t> days_to_tell(std::chrono::system_clock::time_point ends,
                                         std::chrono::system_clock::time_point now) {
  if (ends - now > certificate_warning) return std::nullopt;
  return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<86'400>>>(ends - now)
      .count();
}

void certificate_watch::start() {
  on_time(std::chrono::steady_clock::now());
}

void certificate_watch::stop() {
  home_->timers().cancel(*this);
}

void certificate_watch::on_time(steady_time now) {
  const auto certificates = in_use_();
  if (const auto days = days_to_tell(certificates->ends(), std::chrono::system_clock::now()))
    log(log_event::certificate_ends,
        *days < 0 ? "the certificate has ended: clients refuse it"
                  : "the certificate ends soon; renew it and send SIGHUP",
        {{"days", *days}, {"file", certificates->file_that_ends()}});
  home_->timers().set(*this, now + between_looks_at_it);
}

void log_revoked(const tls_context& context) {
  if (context.revoked() == 0) return;
  log(log_event::certificate_revoked,
      "the authority says in tls_ocsp that the certificate is revoked: clients that ask refuse "
      "it; get a new one",
      {{"certificates", std::uint64_t{context.revoked()}}});
}

} // namespace hubbub
