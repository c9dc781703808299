#include "tests/actors/simulated_client.hpp"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <stdexcept>
#include <utility>

namespace hubbub::test {

bool trace_simulation = false;

namespace {

std::string in_room(const std::string& room) {
  return R"({"room":")" + room + "\"";
}

} // namespace

simulated_client::simulated_client(client& subject, std::string user, store_reader& log,
                                   const client_habits& habits)
    : subject_(&subject), user_(std::move(user)), log_(&log), habits_(habits) {
  greet();
}

/// Connects as the official client does: with its private id and its offset.
void simulated_client::greet() {
  auto auth = R"(40{"username":")" + user_ + "\"";
  if (habits_.recoverable) auth += R"(,"recover":true)";
  if (!pid_.empty()) auth += R"(,"pid":")" + pid_ + "\"";
  if (!offset_.empty()) auth += R"(,"offset":")" + offset_ + "\"";
  if (trace_simulation) std::cerr << user_ << subject_->id().serial << " > " << auth << "}\n";
  subject_->send(auth + "}");
  connected_ = false;
}

void simulated_client::join(const std::string& room, std::int64_t history,
                            std::optional<std::int64_t> since) {
  auto payload = in_room(room) + R"(,"history":)" + std::to_string(history);
  if (since) payload += R"(,"since":)" + std::to_string(*since);
  ask({kind::join, room, history, since, {}, {}, 0, {}}, "join_room", payload + "}");
}

void simulated_client::leave(const std::string& room) {
  ask({kind::leave, room, 0, {}, {}, {}, 0, {}}, "leave_room", in_room(room) + "}");
}

void simulated_client::say(const std::string& room, const std::string& content,
                           const std::string& client_id, bool acked) {
  auto payload = in_room(room) + R"(,"content":")" + content + "\"";
  if (!client_id.empty()) payload += R"(,"client_id":")" + client_id + "\"";
  payload += "}";
  if (acked)
    ask({kind::say, room, 0, {}, content, client_id, 0, {}}, "send_message", payload);
  else
    emit(R"(42["send_message",)", payload);
}

void simulated_client::type(const std::string& room, bool is_typing) {
  const auto payload = in_room(room) + R"(,"is_typing":)" + (is_typing ? "true}" : "false}");
  ask({kind::type, room, 0, {}, {}, {}, 0, {}}, "typing", payload);
}

void simulated_client::read(const std::string& room) {
  ask({kind::read, room, 0, {}, {}, {}, 0, {}}, "get_messages", in_room(room) + "}");
}

void simulated_client::list(const std::string& room) {
  ask({kind::list, room, 0, {}, {}, {}, 0, {}}, "get_members", in_room(room) + "}");
}

void simulated_client::reconnect() {
  subject_->send("41");
  keeps_session_ = false;
  greet();
  for (const auto& [id, asked] : open_)
    stale_.insert(id);
}

void simulated_client::close(close_reason reason) {
  subject_->close(reason);
}

bool simulated_client::is_in(const std::string& room) const {
  const auto found = memberships_.find(room);
  return found != memberships_.end() && found->second.taken;
}

std::int64_t simulated_client::position(const std::string& room) const {
  const auto found = memberships_.find(room);
  return found == memberships_.end() ? 0 : found->second.position;
}

void simulated_client::ask(question asked, std::string_view event, const std::string& payload) {
  const auto id = next_id_++;
  open_.emplace(id, std::move(asked));
  emit("42" + std::to_string(id) + "[\"" + std::string{event} + "\",", payload);
}

void simulated_client::emit(std::string_view event, const std::string& payload) {
  const auto packet = std::string{event} + payload + "]";
  if (trace_simulation) std::cerr << user_ << subject_->id().serial << " > " << packet << '\n';
  subject_->send(packet);
}

void simulated_client::look() {
  if (away_) return;
  const auto frames = subject_->take();
  if (!deaf_)
    for (const auto& frame : frames)
      on_frame(frame);
  // The server closes it if a claim of the same session that was made earlier arrives late.
  if (subject_->connection().closed) drop(0, false);
}

void simulated_client::on_frame(const std::string& frame) {
  if (trace_simulation) std::cerr << user_ << subject_->id().serial << " < " << frame << '\n';
  if (frame.starts_with("40")) return on_connected(frame);
  const auto bracket = frame.find('[');
  if (bracket == std::string::npos) violated("not a packet: " + frame);
  const auto parsed = json::parse(std::string_view{frame}.substr(bracket), max_json_depth);
  if (!parsed) violated("not JSON: " + frame);
  if (frame.starts_with("43")) {
    std::uint64_t id = 0;
    std::from_chars(frame.data() + 2, frame.data() + bracket, id);
    return on_ack(id, parsed->root().at(0));
  }
  if (!frame.starts_with("42")) violated("unexpected: " + frame);
  const auto name = parsed->root().at(0).string().value_or("");
  const auto last = parsed->root().at(parsed->root().size() - 1).string();
  if (name != "offset") on_event(name, parsed->root().at(1));
  if (last) on_offset(std::string{*last});
}

void simulated_client::on_ack(std::uint64_t id, json::value answer) {
  const auto found = open_.find(id);
  if (found == open_.end()) {
    if (stale_.erase(id) > 0) return;
    violated("a second answer to " + std::to_string(id));
  }
  const auto asked = found->second;
  open_.erase(found);
  stale_.erase(id);
  if (answer.find("ok").boolean() != true) return on_error(asked, answer.find("error"));
  switch (asked.what) {
  case kind::join: return on_joined(asked, answer);
  case kind::leave: return on_left(asked.room);
  case kind::say: return on_said(asked, answer.find("message"));
  case kind::type:
    if (!is_in(asked.room) && !memberships_[asked.room].uncertain)
      violated("typed in a room it is not in");
    return;
  case kind::read: {
    const auto messages = answer.find("messages");
    const auto size = static_cast<std::int64_t>(messages.size());
    if (size == 0) return;
    const auto last = number_of(messages.at(messages.size() - 1), "seq");
    if (is_in(asked.room) && last < position(asked.room)) violated("read less than it saw");
    return check_page(messages, last, std::min<std::int64_t>(last, default_page));
  }
  case kind::list: return;
  case kind::edit:
  case kind::remove: return on_change_acked(asked, answer.find("message"));
  case kind::mark: return on_marked(asked, answer);
  }
}

void simulated_client::on_error(const question& asked, json::value error) {
  const auto code = text_of(error, "code");
  if (code == "storage_error" || code == "overloaded") {
    // It does not know whether it is in the room, and leaves until it does.
    const bool comes_or_goes = asked.what == kind::join || asked.what == kind::leave;
    if (comes_or_goes && connected_ && memberships_[asked.room].uncertain) leave(asked.room);
    return;
  }
  if (code == "not_found" && asked.what != kind::join && !is_in(asked.room)) return;
  const bool reads = asked.what == kind::read || asked.what == kind::list;
  const bool may_be_out = !is_in(asked.room) || memberships_[asked.room].uncertain;
  if (code == "not_a_member" && may_be_out && !reads) return;
  if (may_refuse_change(asked, code)) return;
  violated("refused with " + code);
}

void simulated_client::on_joined(const question& asked, json::value answer) {
  auto& here = memberships_[asked.room];
  const auto last = number_of(answer.find("room"), "last_seq");
  const bool was_in = here.taken && !here.uncertain;
  // A client that is in the room already has seen everything that the room has said.
  if (was_in && here.position != last) violated("a second join found a hole");
  const bool gap = answer.find("gap").boolean().value();
  if (gap != (asked.since && *asked.since > last))
    violated("a gap that is none, or the reverse");
  const auto missed = asked.since && !gap;
  if (!was_in) {
    here.copies.clear();
    here.rev.reset();
  }
  check_page(answer.find("messages"), last,
             missed ? last - *asked.since : std::min(asked.history, last));
  here.taken = true;
  here.uncertain = false;
  here.live = true;
  // What a lost session missed comes as a gap, unless these messages include it.
  const bool has_all = missed && *asked.since <= here.position;
  if (here.owed != debt::gap || has_all || here.position >= last) {
    here.position = last;
    if (here.owed == debt::gap) here.owed = debt::perhaps;
  }
  const auto messages = answer.find("messages");
  unproven_.insert({asked.room, 0, 0});
  for (std::size_t i = 0; i < messages.size(); ++i) {
    keep(here, messages.at(i));
    if (!was_in) unproven_.insert({asked.room, number_of(messages.at(i), "seq"), 0});
  }
  here.marker = std::max(here.marker, number_of(answer, "read_seq"));
  here.users.clear();
  here.knows_users = true;
  const auto members = answer.find("members");
  for (std::size_t i = 0; i < members.size(); ++i)
    here.users.insert(text_of(members.at(i), "user_id"));
  if (!here.users.contains(user_)) violated("joined without itself");
  if (number_of(answer, "members_total") != std::ssize(here.users)) violated("wrong total");
}

void simulated_client::on_said(const question& asked, json::value message) {
  check_stored(message);
  const auto content = text_of(message, "content");
  if (!may_be(content, asked.content) && !message.find("deleted_at").exists())
    violated("acked with another message");
  const auto seq = number_of(message, "seq");
  acked_.emplace(asked.content, acked_message{asked.room, seq, number_of(message, "id")});
  auto& here = memberships_[asked.room];
  if (here.taken && seq == here.position + 1) {
    here.position = seq;
    unproven_.insert({asked.room, seq, 0});
    // A repeat is answered with the message as it is by now.
    if (!asked.client_id.empty() && here.rev && number_of(message, "rev") != *here.rev + 1)
      here.rev.reset();
    follow(here, message);
    return;
  }
  if (here.uncertain) return;
  if (asked.client_id.empty()) violated("an ack out of order");
  if (here.taken && seq > here.position) violated("an ack of a message it has not seen");
}

void simulated_client::on_event(std::string_view name, json::value payload) {
  if (name == "error") return; // of a message that wanted no ack
  const auto room = text_of(payload, "room");
  auto& here = memberships_[room];
  if (here.uncertain) { // until it has left, or joined again
    // What it missed is told by either of these, so that the next join need not tell it again.
    if ((name == "gap" || name == "new_message") && here.owed == debt::gap)
      here.owed = debt::perhaps;
    return;
  }
  if (!here.taken) violated("heard " + std::string{name} + " of a room it is not in");
  if (name == "new_message") return on_message(here, payload);
  if (name == "message_edited" || name == "message_deleted")
    return on_changed(here, name, payload);
  if (name == "gap") return on_gap(here, payload);
  if (name == "read") {
    here.marker = std::max(here.marker, number_of(payload, "seq"));
    return;
  }
  if (here.knows_users && habits_.coalesced)
    on_presence(here, name, payload);
  else if (here.knows_users)
    check_users(here, name, payload);
}

void simulated_client::check_users(membership& here, std::string_view name,
                                   json::value payload) {
  const auto who = text_of(payload, "user_id");
  if (who == user_) violated("was told " + std::string{name} + " of itself");
  if (name == "typing") {
    // Whoever is in on another node is not listed here.
    if (!habits_.several_nodes && !here.users.contains(who))
      violated("somebody types who is not in");
    return;
  }
  if (name == "user_joined") {
    if (!here.users.insert(who).second) violated(who + " joined twice");
  } else if (name == "user_left") {
    if (here.users.erase(who) == 0) violated(who + " left twice");
  } else {
    violated("unknown event " + std::string{name});
  }
  if (number_of(payload, "members_total") != std::ssize(here.users)) violated("wrong total");
}

void simulated_client::on_message(membership& here, json::value message) {
  check_stored(message);
  const auto seq = number_of(message, "seq");
  if (may_repeat_.erase({text_of(message, "room"), seq, 0}) > 0 && seq <= here.position)
    return keep(here, message);
  if (seq != here.position + 1)
    violated("saw " + std::to_string(seq) + " after " + std::to_string(here.position));
  here.position = seq;
  if (!here.live) ahead_.insert({text_of(message, "room"), seq, number_of(message, "rev")});
  follow(here, message);
}

void simulated_client::check_stored(json::value message) {
  message_range range;
  range.room = room_id{number_of(message, "room_id")};
  range.after = sequence{number_of(message, "seq") - 1};
  range.limit = 1;
  const auto page = log_->read_messages(range);
  if (!page || page->messages.empty()) violated("saw what is not stored");
  const auto& stored = page->messages.front();
  const auto rev = number_of(message, "rev");
  if (stored.user_id != text_of(message, "user_id") ||
      stored.id.value != number_of(message, "id"))
    violated("saw another message than is stored");
  if (rev > stored.rev.value) violated("saw a change that is not stored");
  if (rev < stored.rev.value) return; // it has changed since
  if (stored.content != text_of(message, "content") ||
      stored.deleted_at.has_value() != message.find("deleted_at").exists())
    violated("saw a message that says something else than is stored");
}

void simulated_client::check_page(json::value messages, std::int64_t last, std::int64_t count) {
  if (static_cast<std::int64_t>(messages.size()) != count)
    violated("a page of " + std::to_string(messages.size()) + " instead of " +
             std::to_string(count));
  for (std::int64_t i = 0; i < count; ++i) {
    const auto message = messages.at(static_cast<std::size_t>(i));
    check_stored(message);
    if (number_of(message, "seq") != last - count + 1 + i) violated("a page with a hole");
  }
}

void simulated_client::check_quiet() {
  look();
  for (const auto& [id, asked] : open_)
    violated("request " + std::to_string(id) + " is without an answer");
  if (subject_->connection().requests_in_flight != 0) violated("requests still counted");
  for (auto& [room, here] : memberships_) {
    if (!here.taken || here.uncertain) continue;
    const auto last = log_->find_room(room)->last_seq.value;
    if (here.position != last)
      violated("did not see the end of " + room + ": " + std::to_string(here.position) +
               " of " + std::to_string(last));
    check_copies(room, here);
  }
}

void simulated_client::violated(const std::string& what) const {
  // Thrown, not FAILed: the seed is known where the assertion is.
  throw std::runtime_error{user_ + std::to_string(subject_->id().serial) + ": " + what};
}

} // namespace hubbub::test
