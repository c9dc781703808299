// How a simulated client loses its connection and comes back, and what it must receive then.
#include "actors/crypto/recovery_seal.hpp"
#include "proto/json/base64.hpp"
#include "proto/socket/recovery_offset.hpp"
#include "tests/actors/simulated_client.hpp"

#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub::test {

namespace {

/// Returns the positions in an offset, whoever signed it.
std::vector<room_position> positions_in(const std::string& offset) {
  const auto bytes = decode_base64(offset).value_or("");
  const auto size = bytes.size() - std::min(bytes.size(), sizeof(short_mac::signature));
  return decode_positions(std::string_view{bytes}.substr(0, size));
}

} // namespace

void simulated_client::drop(std::size_t read, bool noticed) {
  auto frames = subject_->take();
  frames.resize(deaf_ ? 0 : std::min(read, frames.size()));
  for (const auto& frame : frames)
    on_frame(frame);
  away_ = true;
  deaf_ = false;
  if (trace_simulation) std::cerr << user_ << subject_->id().serial << " lost its connection\n";
  if (noticed) subject_->close(close_reason::transport_error);
}

void simulated_client::deafen() {
  if (trace_simulation) std::cerr << user_ << subject_->id().serial << " hears nothing more\n";
  deaf_ = true;
}

void simulated_client::come_back(client& over) {
  for (const auto& [id, asked] : open_) {
    auto& here = memberships_[asked.room];
    // Joining again changes nothing for a member.
    if (asked.what == kind::leave || (asked.what == kind::join && !here.taken))
      here.uncertain = true;
    // It may have left, and whoever leaves a room is owed nothing there.
    if (asked.what == kind::leave && here.owed == debt::gap) here.owed = debt::perhaps;
  }
  open_.clear();
  stale_.clear();
  may_repeat_.insert(unproven_.begin(), unproven_.end());
  may_repeat_.merge(ahead_);
  ahead_.clear();
  subject_ = &over;
  away_ = false;
  greet();
}

void simulated_client::on_connected(const std::string& frame) {
  const auto parsed = json::parse(std::string_view{frame}.substr(2), max_json_depth);
  if (!parsed) violated("not JSON: " + frame);
  const auto pid = text_of(parsed->root(), "pid");
  const auto sid = text_of(parsed->root(), "sid");
  if (habits_.recoverable == pid.empty()) violated("a private id too many or too few");
  const bool recovered = !pid.empty() && pid == pid_;
  if (recovered && (sid != sid_ || !keeps_session_)) violated("another's session");
  const bool owed = keeps_session_ && std::ranges::any_of(memberships_, [](const auto& each) {
                      return each.second.taken && !each.second.uncertain;
                    });
  if (owed && !recovered && !late_) violated("not recovered");
  connected_ = true;
  late_ = false;
  pid_ = pid;
  sid_ = sid;
  const bool kept = std::exchange(keeps_session_, habits_.recoverable);
  if (recovered)
    on_recovered();
  else
    on_fresh(kept);
}

/// Starts a fresh session. Of its rooms only what is owed is left: a gap, if the client lost a
/// session that it had not ended itself.
void simulated_client::on_fresh(bool kept_session) {
  for (const auto id : stale_)
    open_.erase(id);
  if (habits_.rejoins) join_again();
  for (auto& [room, here] : memberships_) {
    const bool was_in = here.taken && !here.uncertain;
    const bool is_known = !habits_.forgetful_store && !may_repeat_.contains({room, 0, 0});
    if (!habits_.recoverable)
      here.owed = debt::none;
    else if (kept_session && was_in && is_known)
      here.owed = debt::gap;
    else if ((was_in || here.uncertain) && here.owed == debt::none)
      here.owed = debt::perhaps;
    if (!kept_session && here.owed == debt::gap) here.owed = debt::perhaps;
    here.taken = false;
    here.uncertain = false;
    here.live = false;
    here.rev.reset();
  }
  unproven_.clear();
  ahead_.clear();
  may_repeat_.clear();
}

void simulated_client::on_recovered() {
  for (auto& [room, here] : memberships_) {
    here.knows_users = false;
    here.live = false;
    here.rev.reset();
    if (here.uncertain && !habits_.rejoins) leave(room);
  }
  if (habits_.rejoins) join_again();
}

void simulated_client::join_again() {
  for (const auto& [room, here] : memberships_)
    if (here.taken || here.uncertain)
      join(room, default_page,
           here.position % 2 == 0 ? std::optional{here.position} : std::nullopt);
}

void simulated_client::on_offset(const std::string& offset) {
  if (!habits_.recoverable) violated("an offset though it wanted none");
  offset_ = offset;
  unproven_.clear();
  // Only a test looks into an offset: it must come up with what was replayed ahead of it.
  const auto positions = positions_in(offset);
  std::erase_if(ahead_, [&](const hearsay& each) {
    const auto room = log_->find_room(each.room)->id;
    const auto at = std::ranges::find(positions, room, &room_position::room);
    return at == positions.end() || at->rev.value >= each.rev;
  });
}

/// Takes the ack of a leave: the store must not list the room any more. The client's offset may
/// still name it, so that a session that begins with that offset may get a gap there.
void simulated_client::on_left(const std::string& room) {
  auto& here = memberships_[room];
  here.taken = false;
  here.uncertain = false;
  here.owed = habits_.recoverable ? debt::perhaps : debt::none;
  const bool joins = std::ranges::any_of(open_, [&](const auto& each) {
    return each.second.what == kind::join && each.second.room == room;
  });
  if (!habits_.recoverable || joins || stale_.size() > 0) return;
  const auto stored = log_->find_recoverable(identity_of(pid_).id);
  if (!stored || !*stored) return;
  const auto id = log_->find_room(room)->id;
  if (std::ranges::find((*stored)->joined, id, &room_position::room) != (*stored)->joined.end())
    violated("left " + room + ", and the store would give it back");
}

/// Takes a `gap`. Only a client that has lost a session is owed one.
void simulated_client::on_gap(membership& here, json::value payload) {
  const auto from = number_of(payload, "from_seq");
  const auto to = number_of(payload, "to_seq");
  const hearsay told{text_of(payload, "room"), of_gap, 0};
  if (from < 1 || from > to) violated("a false gap");
  if (here.owed == debt::none && !may_repeat_.contains(told)) violated("a gap too many");
  if (from > here.position + 1) violated("a gap that leaves out what it should tell");
  if (to <= here.position && here.owed == debt::gap) violated("a gap of what it has");
  if (to > here.position && here.owed == debt::none) violated("a gap too long");
  if (to > here.position) {
    here.copies.clear();
    here.position = to;
  }
  here.owed = debt::none;
  unproven_.insert(told);
}

/// Takes a change of who is in a large room: such changes come together, and may come to
/// clients that know them already.
void simulated_client::on_presence(membership& here, std::string_view name,
                                   json::value payload) {
  if (name == "typing") return;
  if (name == "user_joined") {
    here.users.insert(text_of(payload, "user_id"));
  } else if (name == "user_left") {
    here.users.erase(text_of(payload, "user_id"));
  } else if (name == "presence") {
    const auto joined = payload.find("joined");
    for (std::size_t i = 0; i < joined.size(); ++i)
      here.users.insert(text_of(joined.at(i), "user_id"));
    const auto left = payload.find("left");
    for (std::size_t i = 0; i < left.size(); ++i)
      here.users.erase(text_of(left.at(i), "user_id"));
  } else {
    violated("unknown event " + std::string{name});
  }
}

void simulated_client::check_users_are(const std::string& room,
                                       const std::set<std::string>& users) const {
  const auto found = memberships_.find(room);
  if (found == memberships_.end() || !found->second.taken || !found->second.knows_users) return;
  if (found->second.users != users) violated("believes others to be in " + room);
}

} // namespace hubbub::test
