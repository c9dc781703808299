#include "bench/scenario/crowd.hpp"

#include "bench/client/websocket_client.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace hubbub::bench {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds longest_turn{100};

/// Returns a prefix for the names of rooms that no earlier run used, since such rooms still
/// hold its messages.
std::string make_prefix() {
  const auto time = std::chrono::system_clock::now().time_since_epoch().count();
  std::string text(24, '\0');
  const auto mixed = static_cast<std::uint64_t>(time) ^ static_cast<std::uint64_t>(::getpid())
                                                            << 40U;
  const auto* const end = std::to_chars(text.data(), text.data() + text.size(), mixed, 36).ptr;
  text.resize(static_cast<std::size_t>(end - text.data()));
  return "bench-" + text + "-";
}

} // namespace

crowd::crowd(event_loop& loop, const std::vector<endpoint>& servers, const dialect& words,
             const options& asked, fault_log& faults, tally& counts)
    : loop_(&loop), words_(&words), asked_(&asked), faults_(&faults),
      counts_(&counts), setting_{&loop, &words, this}, writer_(words), reader_(words),
      join_reply_(event_start(words.join.reply)), leave_reply_(event_start(words.leave.reply)),
      error_event_(event_start("error")), room_prefix_(make_prefix()),
      members_(asked.connections), at_once_(asked.connecting) {
  for (const auto& server : servers)
    posts_.emplace_back(loop, server);
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const auto server = asked.server_of(i);
    if (asked.transport == transport_kind::polling)
      members_[i].who = std::make_unique<polling_client>(i, setting_, posts_[server]);
    else
      members_[i].who = std::make_unique<websocket_client>(i, setting_, servers[server]);
  }
}

std::string crowd::room_name(std::size_t room) const {
  return room_prefix_ + std::to_string(room);
}

void crowd::connect(std::size_t number) {
  waiting_.push_back(number);
  connect_waiting();
}

void crowd::connect_and_join(std::size_t number, std::optional<std::int64_t> since) {
  members_[number].joins = true;
  members_[number].since = since.value_or(-1);
  connect(number);
}

void crowd::join(std::size_t number, std::optional<std::int64_t> since) {
  auto& of = members_[number];
  of.since = since.value_or(-1);
  of.begun_at = loop_->tick();
  ask_to_join(of);
}

void crowd::leave(std::size_t number) {
  members_[number].who->send(writer_.leave(leave_ack, room_of(number)));
}

void crowd::drop(std::size_t number) {
  gone(members_[number]);
  members_[number].who->drop();
}

bool crowd::connect_all() {
  for (std::size_t i = 0; i < members_.size(); ++i)
    connect(i);
  return await_all(connected_, "to connect");
}

bool crowd::join_all() {
  for (std::size_t i = 0; i < members_.size(); ++i)
    join(i);
  return await_all(joined_, "to join");
}

bool crowd::await_all(const std::size_t& count, const std::string& what) {
  const auto faults = faults_->total();
  await([&] { return count == members_.size() || faults_->total() > faults; }, what);
  return count == members_.size() && faults_->total() == faults;
}

void crowd::settle() {
  auto heard = heard_;
  auto quiet_since = loop_->tick();
  while (loop_->now() - quiet_since < asked_->settle) {
    loop_->turn(asked_->settle);
    loop_->tick();
    if (std::exchange(heard, heard_) != heard_) quiet_since = loop_->now();
  }
}

bool crowd::await(const std::function<bool()>& done, const std::string& what) {
  auto heard = heard_;
  auto heard_at = loop_->tick();
  while (!done()) {
    loop_->turn(longest_turn);
    loop_->tick();
    if (std::exchange(heard, heard_) != heard_) heard_at = loop_->now();
    if (loop_->now() - heard_at > asked_->patience) {
      faults_->add(fault::silence, "the server has fallen silent while clients wait " + what);
      return false;
    }
  }
  return true;
}

void crowd::turn_for(std::chrono::nanoseconds time, const std::function<bool()>& done) {
  const auto until = loop_->tick() + time;
  while (loop_->now() < until && !(done && done())) {
    loop_->turn(std::min<std::chrono::nanoseconds>(until - loop_->now(), longest_turn));
    loop_->tick();
  }
}

void crowd::forget_times() {
  connect_times_.clear();
  join_times_.clear();
}

void crowd::on_ready(client& who) {
  auto& of = members_[who.number()];
  of.connecting = false;
  of.connected = true;
  --connecting_;
  ++connected_;
  ++heard_;
  ++counts_->connects;
  connect_times_.add(loop_->now() - of.begun_at);
  if (std::exchange(of.joins, false)) ask_to_join(of);
  if (observer_ != nullptr) observer_->on_connected(who);
  connect_waiting();
}

void crowd::on_packet(client& who, std::string_view packet) {
  ++heard_;
  auto& of = members_[who.number()];
  if (packet.starts_with(socket_disconnect)) {
    gone(of);
    who.drop();
    faults_->add(fault::unexpected_close, user_name(who.number()) + " was disconnected");
    return;
  }
  // Most packets need none of this.
  if (!reader_.is_message(packet) && !reader_.is_typing(packet)) {
    const auto ack = chat_reader::ack(packet);
    if (ack && ack->id < first_free_ack) return on_answer(of, *ack);
    if (!of.joined && !join_reply_.empty() && packet.starts_with(join_reply_))
      return on_joined(of, {});
    if (of.joined && !leave_reply_.empty() && packet.starts_with(leave_reply_))
      return on_left(of);
    if (packet.starts_with(error_event_))
      faults_->add(fault::refused, user_name(who.number()) + " was told " + shown(packet));
  }
  if (observer_ != nullptr) observer_->on_text(who, packet);
}

void crowd::on_answer(member& of, const received_ack& ack) {
  if (!reader_.is_good(ack)) {
    faults_->add(fault::refused,
                 user_name(of.who->number()) + " was told " + shown(ack.argument));
    return;
  }
  if (ack.id == join_ack)
    on_joined(of, ack.argument);
  else
    on_left(of);
}

void crowd::on_joined(member& of, std::string_view ack) {
  if (!std::exchange(of.joined, true)) ++joined_;
  join_times_.add(loop_->now() - of.begun_at);
  if (observer_ != nullptr) observer_->on_joined(*of.who, ack);
}

void crowd::on_left(member& of) {
  if (std::exchange(of.joined, false)) --joined_;
  if (observer_ != nullptr) observer_->on_left(*of.who);
}

void crowd::on_goodbye(client& who) {
  ++heard_;
  gone(members_[who.number()]);
  if (observer_ != nullptr) observer_->on_goodbye(who);
}

void crowd::on_lost(client& who, fault kind, std::string why) {
  auto& of = members_[who.number()];
  gone(of);
  if (of.may_close)
    ++closed_;
  else
    faults_->add(kind, user_name(who.number()) + " " + why);
  connect_waiting();
}

void crowd::ask_to_join(member& of) {
  const auto number = of.who->number();
  std::optional<std::int64_t> since;
  if (of.since >= 0) since = of.since;
  of.who->send(writer_.join(join_ack, number, room_of(number), since));
}

void crowd::gone(member& of) {
  if (std::exchange(of.connecting, false)) --connecting_;
  if (std::exchange(of.connected, false)) --connected_;
  if (std::exchange(of.joined, false)) --joined_;
}

void crowd::connect_waiting() {
  // A client that cannot even begin says so at once, and then it would be the next one's turn.
  if (std::exchange(beginning_, true)) return;
  while (connecting_ < at_once_ && !waiting_.empty()) {
    auto& of = members_[waiting_.front()];
    waiting_.pop_front();
    of.connecting = true;
    of.begun_at = loop_->now();
    ++connecting_;
    of.who->connect();
  }
  beginning_ = false;
}

} // namespace hubbub::bench
