#include "bench/scenario/traffic.hpp"

#include "proto/json/json.hpp"
#include "proto/limits.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace hubbub::bench {
namespace {

/// How long the driver listens for duplicates at the end.
constexpr std::chrono::milliseconds listening{100};

std::uint64_t ack_id(std::uint32_t number) {
  return first_free_ack + number;
}

} // namespace

traffic::traffic(run& of)
    : run_(&of), crowd_(&of.clients), writer_(of.words), reader_(of.words),
      types_(of.asked.event == event_kind::typing),
      counts_last_(!types_ && of.asked.rate > 0 && of.asked.scenario == "fanout"),
      confirm_(types_ ? of.words.typing.confirm : of.words.send.confirm),
      needs_seq_(of.asked.scenario == "jitter"), members_(of.asked.connections),
      rooms_(of.asked.rooms),
      senders_(std::min(std::max(of.asked.senders, of.asked.rooms), of.asked.connections)) {
  room_of_.reserve(members_.size());
  for (std::size_t i = 0; i < members_.size(); ++i) {
    room_of_.push_back(of.asked.room_of(i));
    ++rooms_[room_of(i)].members;
  }
  if (confirm_ == confirmation::ack && !of.words.send.ack_in_order)
    for (std::size_t i = 0; i < senders_.size(); ++i)
      members_[i].alone = std::make_unique<room_log>();
  room_senders_ = (senders_.size() + rooms_.size() - 1) / rooms_.size();
  if (types_) typed_.resize(members_.size() * room_senders_);
  crowd_->observe(this);
}

void traffic::begin() {
  sending_ = true;
  const auto& asked = run_->asked;
  const auto now = run_->loop.tick();
  if (asked.rate > 0) {
    pause_ = std::chrono::nanoseconds{static_cast<std::int64_t>(1e9 / asked.rate)};
    next_due_ = now;
    return send_due();
  }
  for (std::size_t i = 0; i < asked.window; ++i)
    for (std::size_t sender = 0; sender < asked.senders; ++sender)
      if (!is_exhausted()) send_next(sender, now);
}

void traffic::send_round() {
  for (std::size_t room = 0; room < std::min(rooms_.size(), senders_.size()); ++room)
    send_next(room, run_->loop.tick());
}

bool traffic::is_exhausted() const {
  return run_->asked.messages > 0 && sent_ >= run_->asked.messages;
}

void traffic::await_end() {
  if (run_->asked.messages == 0) stop();
  if (forgiving_ || std::exchange(awaited_, true)) return;
  crowd_->await([this] { return is_settled() && (!sending_ || is_exhausted()); },
                "for what was sent");
}

void traffic::finish() {
  await_end();
  if (forgiving_) crowd_->settle();
  crowd_->turn_for(listening);
  judge();
}

void traffic::excuse(std::size_t client) {
  auto& of = members_[client];
  outstanding_ -= std::min<std::uint64_t>(outstanding_, lacks(client));
  of.excused = true;
  --rooms_[room_of(client)].members;
}

void traffic::forget_latencies() {
  latencies_.clear();
  confirmations_.clear();
  last_members_.clear();
  lateness_.clear();
}

void traffic::on_joined(client& who, std::string_view ack) {
  auto& of = members_[who.number()];
  if (!needs_seq_ || run_->words.join.since.empty()) return;
  const auto parsed = json::parse("[" + std::string{ack} + "]", max_json_depth);
  if (!parsed) {
    run_->faults.add(fault::protocol_error, user_name(who.number()) + " got a broken ack");
    return;
  }
  const auto missed = parsed->root().at(0).find(run_->words.join.missed);
  for (std::size_t i = 0; i < missed.size(); ++i) {
    const auto one = missed.at(i);
    const auto key = read_content(one.find(run_->words.message.content).string().value_or(""));
    if (!key) continue;
    if (see(who.number(), *key)) ++caught_up_;
    of.seq = one.find(run_->words.message.seq).integer().value_or(of.seq);
  }
}

void traffic::on_text(client& who, std::string_view packet) {
  if (reader_.is_message(packet)) return on_message(who, packet);
  if (types_ && reader_.is_typing(packet)) return on_typing(who, packet);
  if (const auto ack = chat_reader::ack(packet)) on_ack(who, *ack);
}

void traffic::on_message(client& who, std::string_view json) {
  const auto key = reader_.key(json);
  if (!key || !was_sent(*key) || room_of(key->sender) != room_of(who.number())) {
    run_->faults.add(fault::protocol_error,
                     user_name(who.number()) +
                         " got a message that nobody sent: " + shown(json));
    return;
  }
  if (needs_seq_)
    if (const auto seq = reader_.seq(json)) members_[who.number()].seq = *seq;
  if (see(who.number(), *key) && !members_[who.number()].excused)
    latencies_.add(run_->loop.now() - senders_[key->sender].sent_at[key->number]);
  if (confirm_ == confirmation::echo && key->sender == who.number()) on_confirmed(*key);
}

bool traffic::see(std::size_t client, message_key key) {
  using verdict = room_log::verdict;
  auto& of = members_[client];
  auto& log = of.alone == nullptr ? rooms_[room_of(client)].log : *of.alone;
  const auto found = log.see(of.reader, key);
  if (found != verdict::repeated) count_delivery(of);
  if (found != verdict::repeated && counts_last_) count_heard(key);
  if (found == verdict::in_order || found == verdict::skipping) return true;
  const auto kind = found == verdict::repeated ? fault::duplicate : fault::reordered;
  run_->faults.add(kind, user_name(client) + " got message " + std::to_string(key.number) +
                             " of " + user_name(key.sender) +
                             (kind == fault::duplicate ? " again" : " out of order"));
  return found != verdict::repeated;
}

void traffic::count_delivery(const member_state& to) {
  ++run_->measure.counts.deliveries;
  if (!to.excused && outstanding_ > 0) --outstanding_;
}

void traffic::count_heard(message_key key) {
  auto& from = senders_[key.sender];
  if (++from.heard[key.number] < copies(room_of(key.sender))) return;
  const auto acked_at = from.acked_at[key.number];
  last_members_.add(from.acked[key.number] ? run_->loop.now() - acked_at
                                           : std::chrono::nanoseconds{0});
}

void traffic::on_typing(client& who, std::string_view json) {
  const auto heard = reader_.typing(json);
  if (!heard || heard->client >= senders_.size()) {
    run_->faults.add(fault::protocol_error, user_name(who.number()) + " got " + shown(json));
    return;
  }
  if (heard->client == who.number()) return;
  auto& count = typed(who.number(), heard->client);
  auto& from = senders_[heard->client];
  // Typing alternates between on and off, so a missing event shows at the next one.
  if (heard->is_typing != (count % 2 == 0)) {
    ++count;
    run_->faults.add(fault::lost,
                     user_name(who.number()) + " lacks typing of " + user_name(heard->client));
  }
  if (count >= from.sent_at.size()) {
    run_->faults.add(fault::duplicate, user_name(who.number()) + " heard more typing of " +
                                           user_name(heard->client) + " than there was");
    return;
  }
  const message_key key{heard->client, count++};
  count_delivery(members_[who.number()]);
  latencies_.add(run_->loop.now() - from.sent_at[key.number]);
  if (confirm_ == confirmation::delivery &&
      ++from.heard[key.number] == copies(room_of(heard->client)))
    on_confirmed(key);
}

void traffic::on_ack(client& who, const received_ack& ack) {
  const message_key key{static_cast<std::uint32_t>(who.number()),
                        static_cast<std::uint32_t>(ack.id - first_free_ack)};
  if (!was_sent(key) || senders_[key.sender].acked[key.number]) {
    run_->faults.add(was_sent(key) ? fault::duplicate : fault::protocol_error,
                     user_name(who.number()) + " got an ack that it did not ask for");
    return;
  }
  senders_[key.sender].acked[key.number] = true;
  if (counts_last_) senders_[key.sender].acked_at[key.number] = run_->loop.now();
  if (!reader_.is_good(ack)) {
    run_->faults.add(fault::refused,
                     user_name(who.number()) + " was told " + shown(ack.argument));
    outstanding_ -= std::min<std::uint64_t>(outstanding_, copies(room_of(who.number())));
    --rooms_[room_of(who.number())].sent;
    --unconfirmed_;
    return;
  }
  if (!types_ && confirm_ == confirmation::ack) {
    auto& of = members_[who.number()];
    if (of.alone == nullptr) {
      see(who.number(), key);
    } else {
      ++of.reader.seen;
      count_delivery(of);
    }
  }
  on_confirmed(key);
}

void traffic::on_confirmed(message_key key) {
  --unconfirmed_;
  ++run_->measure.counts.confirmed;
  confirmations_.add(run_->loop.now() - senders_[key.sender].sent_at[key.number]);
  if (sending_ && run_->asked.rate == 0 && !is_exhausted())
    send_next(key.sender, run_->loop.now());
}

void traffic::send_next(std::size_t sender, moment due) {
  auto& from = senders_[sender];
  const auto room = room_of(sender);
  const message_key key{static_cast<std::uint32_t>(sender),
                        static_cast<std::uint32_t>(from.sent_at.size())};
  from.sent_at.push_back(due);
  from.acked.push_back(false);
  if (counts_last_ || (types_ && confirm_ == confirmation::delivery)) from.heard.push_back(0);
  if (counts_last_) from.acked_at.emplace_back();
  const auto name = crowd_->room_of(sender);
  crowd_->at(sender).send(
      types_ ? writer_.typing(ack_id(key.number), sender, name, key.number % 2 == 0)
             : writer_.message(ack_id(key.number), sender, name, key, run_->asked.size));
  ++sent_;
  ++run_->measure.counts.sent;
  ++rooms_[room].sent;
  ++unconfirmed_;
  outstanding_ += copies(room);
}

void traffic::send_due() {
  if (!sending_ || is_exhausted()) return;
  const auto now = run_->loop.tick();
  while (next_due_ <= now && !is_exhausted()) {
    lateness_.add(now - next_due_);
    send_next(next_sender_, next_due_);
    next_sender_ = (next_sender_ + 1) % run_->asked.senders;
    next_due_ += pause_;
  }
  run_->loop.at(next_due_, [this] { send_due(); });
}

bool traffic::was_sent(message_key key) const {
  return key.sender < senders_.size() && key.number < senders_[key.sender].sent_at.size();
}

std::uint64_t traffic::lacks(std::size_t client) const {
  const auto sent = rooms_[room_of(client)].sent;
  return sent - std::min<std::uint64_t>(sent, members_[client].reader.seen);
}

std::uint32_t traffic::copies(std::size_t number) const {
  return rooms_[number].members - (types_ ? 1U : 0U);
}

std::uint32_t& traffic::typed(std::size_t client, std::size_t sender) {
  return typed_[client * room_senders_ + sender / rooms_.size()];
}

void traffic::judge() {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (members_[i].excused) continue;
    std::uint64_t missing = 0;
    if (types_) {
      for (auto s = room_of(i); s < senders_.size(); s += rooms_.size())
        if (s != i) missing += senders_[s].sent_at.size() - typed(i, s);
    } else {
      missing = lacks(i);
    }
    lacking_ += missing;
    if (!forgiving_)
      run_->faults.add(fault::lost, user_name(i) + " lacks " + std::to_string(missing),
                       missing);
  }
}

} // namespace hubbub::bench
