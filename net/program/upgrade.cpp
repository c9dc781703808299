#include "net/program/upgrade.hpp"

#include "net/log/log.hpp"
#include "net/program/upgrade_command.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace hubbub {
namespace {

/// How long the new process may take to look whether it could serve.
constexpr std::chrono::seconds looking_time{30};
/// How many sessions are recovered in a second beside the usual work. Each reads its rooms.
constexpr std::size_t most_returns_a_second = 2'000;
/// How long the new process may take to serve after it was given the database. Nobody serves
/// meanwhile.
constexpr std::chrono::seconds starting_time{30};
/// The same if it may migrate the database first.
constexpr std::chrono::hours migrating_time{24};

} // namespace

upgrade::upgrade(process_signals& signals, const hubbub_config& config)
    : signals_(&signals), config_(&config), control_(signals.io()) {}

upgrade::~upgrade() {
  for (const auto each : sockets_)
    ::close(each);
}

void upgrade::open_control() {
  const auto path = config_->control_path();
  if (path.empty()) return;
  const auto opened = control_.open(path, [this](std::string_view line, control_answer answer) {
    if (line == upgrade_request || line == upgrade_request_with_migration)
      begin(line == upgrade_request_with_migration, std::move(answer));
    else
      answer(upgrade_refused_answer + std::string{"this version does not know that request"});
  });
  if (!opened)
    log(log_event::control_unusable, "hubbub upgrade cannot be used: " + opened.error());
}

void upgrade::offer(const std::vector<int>& sockets, bool owns_files) {
  for (const auto each : sockets)
    sockets_.push_back(::fcntl(each, F_DUPFD_CLOEXEC, 0));
  owns_files_ = owns_files;
}

std::string upgrade::objection() const {
  if (config_->store.path == ":memory:")
    return "the database is in memory, and would be lost: restart the server";
  if (::getpid() == 1)
    return "the server is the first process of a container, which would end with it: replace "
           "the container";
  return {};
}

void upgrade::begin(bool may_migrate, control_answer answer) {
  if (next_) {
    const std::string why = "an upgrade is under way";
    if (answer) answer(upgrade_refused_answer + why);
    log(log_event::upgrade_refused, "no upgrade was begun: " + why);
    return;
  }
  answer_ = std::move(answer);
  may_migrate_ = may_migrate;
  if (const auto why = objection(); !why.empty()) return refuse(why);
  auto launched = successor::launch(signals_->io());
  if (!launched) return refuse(launched.error());
  next_ = *std::move(launched);
  log(log_event::upgrading, "a new process was started, which looks whether it can take over",
      {{"pid", std::int64_t{next_->pid()}}});
  next_->send({std::string{handover_word::offer},
               encode(handover_offer{config_->store.path, owns_files_, may_migrate}),
               sockets_});
  next_->await(looking_time,
               [this](const std::optional<handover_message>& message) { on_verdict(message); });
}

void upgrade::on_verdict(const std::optional<handover_message>& message) {
  if (message && message->word == handover_word::able)
    return signals_->leave(stop_order::hand_over);
  if (message && message->word == handover_word::refused) return refuse(message->text);
  const auto fate = next_->fate(true);
  refuse(fate.empty() ? "the new process did not answer within " +
                            std::to_string(looking_time.count()) + " seconds"
                      : "the new process " + fate + " before it was able to serve");
}

void upgrade::refuse(const std::string& why) {
  next_.reset();
  log(log_event::upgrade_refused, "this process goes on, since " + why);
  if (const auto answer = std::exchange(answer_, nullptr)) answer(upgrade_refused_answer + why);
}

upgrade::outcome upgrade::go(std::chrono::steady_clock::time_point last_commit) {
  const auto since = last_commit.time_since_epoch();
  next_->send(
      {std::string{handover_word::go},
       std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count())});
  std::optional<handover_message> heard;
  bool is_over = false;
  next_->await(may_migrate_ ? migrating_time : starting_time,
               [&](std::optional<handover_message> message) {
                 heard = std::move(message);
                 is_over = true;
                 signals_->end_wait();
               });
  while (!is_over) {
    if (signals_->let_pass(migrating_time)) continue;
    next_->stop_waiting();
    stop_successor();
    return outcome::stopped;
  }
  if (heard && heard->word == handover_word::serving) {
    next_->dismiss_guardian(); // before a supervisor is told of the new process
    return outcome::serves;
  }
  const auto fate = next_->fate(true);
  const auto why =
      "the new process " + (fate.empty() ? std::string{"did not come to serve"} : fate);
  next_.reset();
  log(log_event::upgrade_failed, "this process serves again, since " + why);
  if (const auto answer = std::exchange(answer_, nullptr))
    answer(upgrade_refused_answer + why +
           " after it was given the database; its log says why, and the old one serves again");
  return outcome::failed;
}

void upgrade::leave(std::function<void(bool failed)> on_end) {
  control_.close(); // before the new process opens its own
  next_->send({std::string{handover_word::yours}});
  next_->let_go();
  // A process that was asked to stop, and did, has not failed.
  next_->await(std::chrono::milliseconds{0},
               [this, ended = std::move(on_end)](const std::optional<handover_message>& said) {
                 // Another one has taken over from it, and watches itself.
                 if (said && said->word == handover_word::passed_on) return;
                 const bool has_stopped = said && said->word == handover_word::stopped;
                 // The database is free once it has ended.
                 if (!has_stopped) static_cast<void>(next_->fate(true));
                 ended(!has_stopped);
               });
  log(log_event::upgraded, "the new process serves", {{"pid", std::int64_t{next_->pid()}}});
  if (const auto answer = std::exchange(answer_, nullptr))
    answer(upgrade_done_answer + std::to_string(next_->pid()));
}

void upgrade::stop_successor() {
  next_->stop();
  next_->let_go();
}

void upgrade::give_up() {
  control_.close();
  if (!next_) return;
  next_->stop_waiting();
  if (const auto answer = std::exchange(answer_, nullptr))
    answer(upgrade_refused_answer + std::string{"the server is stopping"});
}

std::vector<int> upgrade::take_sockets() {
  return std::exchange(sockets_, {});
}

std::chrono::milliseconds closing_time(const hubbub_config& config, std::size_t sessions) {
  using std::chrono::milliseconds;
  const auto a_second = std::clamp<std::size_t>(config.server.bounds.max_accept_rate / 2, 1,
                                                most_returns_a_second);
  const milliseconds at_that_rate{sessions * 1'000 / a_second};
  const auto soon = std::chrono::duration_cast<milliseconds>(config.chat.recovery_window) / 2;
  return std::min(std::max(config.drain_time, at_that_rate), soon);
}

} // namespace hubbub
