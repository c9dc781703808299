// What a simulated client does and knows about changes of messages, and about read positions.
#include "tests/actors/simulated_client.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hubbub::test {

namespace {

/// Beyond the end of every room. A message that is created before the request arrives would be
/// edited by a client that does not know its original content.
constexpr std::int64_t never_reached = 1'000'000;

std::string of_message(const std::string& room, std::int64_t seq) {
  return R"({"room":")" + room + R"(","seq":)" + std::to_string(seq);
}

} // namespace

std::string first_said(const std::string& content) {
  return content.substr(0, content.find(simulated_client::edit_mark));
}

std::pair<std::int64_t, std::string> simulated_client::pick(const std::string& room,
                                                            std::uint64_t choice) const {
  const auto found = memberships_.find(room);
  if (found == memberships_.end() || found->second.copies.empty())
    return {static_cast<std::int64_t>(choice) + never_reached, ""};
  // Prefers a new one: it may still be on its way to others.
  const auto& copies = found->second.copies;
  const auto back = choice % std::min<std::size_t>(copies.size(), 8);
  const auto& [seq, chosen] = *std::prev(copies.end(), static_cast<std::ptrdiff_t>(back) + 1);
  return {seq, chosen.author};
}

void simulated_client::edit(const std::string& room, std::uint64_t choice,
                            const std::string& mark, bool acked) {
  const auto [seq, author] = pick(room, choice);
  const auto before = stored_at(room, seq);
  const auto content = (before ? first_said(before->content) : std::string{unseen}) + mark;
  const auto payload = of_message(room, seq) + R"(,"content":")" + content + "\"}";
  if (acked)
    ask({kind::edit, room, 0, {}, content, {}, seq, author}, "edit_message", payload);
  else
    emit(R"(42["edit_message",)", payload);
}

void simulated_client::remove(const std::string& room, std::uint64_t choice, bool acked) {
  const auto [seq, author] = pick(room, choice);
  const auto payload = of_message(room, seq) + "}";
  if (acked)
    ask({kind::remove, room, 0, {}, {}, {}, seq, author}, "delete_message", payload);
  else
    emit(R"(42["delete_message",)", payload);
}

void simulated_client::mark(const std::string& room, std::int64_t ahead) {
  const auto seq = std::max<std::int64_t>(position(room) + ahead, 0);
  ask({kind::mark, room, position(room), {}, {}, {}, seq, {}}, "mark_read",
      of_message(room, seq) + "}");
}

/// True if the message is another's, was deleted, or never existed.
bool simulated_client::may_refuse_change(const question& asked, std::string_view code) const {
  if (asked.what != kind::edit && asked.what != kind::remove) return false;
  if (code == "forbidden") return asked.author != user_;
  if (code != "not_found") return false;
  const auto stored = stored_at(asked.room, asked.seq);
  return asked.author.empty() || (stored && stored->deleted_at);
}

std::optional<message> simulated_client::stored_at(const std::string& room,
                                                   std::int64_t seq) const {
  const auto found = log_->find_room(room);
  if (!found) return std::nullopt;
  message_range range;
  range.room = found->id;
  range.after = sequence{seq - 1};
  range.limit = 1;
  const auto page = log_->read_messages(range);
  if (!page || page->messages.empty() || page->messages.front().seq.value != seq)
    return std::nullopt;
  return page->messages.front();
}

void simulated_client::follow(membership& here, json::value message) {
  const auto rev = number_of(message, "rev");
  if (here.rev && rev != *here.rev + 1 && !habits_.several_nodes)
    violated("heard of change " + std::to_string(rev) + " after " + std::to_string(*here.rev));
  // Replayed changes do not come in the order in which they were made.
  if (here.live) here.rev = rev;
  keep(here, message);
}

void simulated_client::keep(membership& here, json::value message) {
  auto& kept = here.copies[number_of(message, "seq")];
  const auto rev = number_of(message, "rev");
  if (rev < kept.rev) return;
  kept = {rev, text_of(message, "user_id"), text_of(message, "content"),
          message.find("deleted_at").exists(), rev > kept.rev && kept.author.empty()};
}

void simulated_client::on_changed(membership& here, std::string_view name,
                                  json::value message) {
  check_stored(message);
  const bool deleted = message.find("deleted_at").exists();
  if (deleted != (name == "message_deleted")) violated("a change of the wrong kind");
  if (!deleted && !message.find("edited_at").exists()) violated("an edit without its time");
  const auto seq = number_of(message, "seq");
  const auto rev = number_of(message, "rev");
  if (seq > here.position) violated("heard of a change before the message");
  if (const auto kept = here.copies.find(seq);
      kept != here.copies.end() && kept->second.rev >= rev) {
    if (habits_.several_nodes && kept->second.rev == rev && kept->second.is_whole) {
      kept->second.is_whole = false;
      return follow(here, message);
    }
    if (may_repeat_.erase({text_of(message, "room"), seq, rev}) > 0) return;
    violated("heard twice of change " + std::to_string(rev));
  }
  follow(here, message);
}

void simulated_client::on_change_acked(const question& asked, json::value message) {
  check_stored(message);
  const bool deleted = message.find("deleted_at").exists();
  if (number_of(message, "seq") != asked.seq || text_of(message, "user_id") != user_ ||
      deleted != (asked.what == kind::remove) ||
      (!deleted && text_of(message, "content") != asked.content))
    violated("acked with another change");
  auto& here = memberships_[asked.room];
  if (!here.taken || here.uncertain) return;
  unproven_.insert({asked.room, asked.seq, number_of(message, "rev")});
  // Deleted already: the tombstone is returned as it is.
  const bool repeated = deleted && (!here.rev || number_of(message, "rev") <= *here.rev);
  if (repeated)
    keep(here, message);
  else
    follow(here, message);
}

void simulated_client::on_marked(const question& asked, json::value answer) {
  const auto seq = number_of(answer, "seq");
  const auto last = log_->find_room(asked.room)->last_seq.value;
  auto& here = memberships_[asked.room];
  if (seq < std::min(asked.seq, asked.history) || seq > last)
    violated("marked " + std::to_string(asked.seq) + " as " + std::to_string(seq));
  if (const auto unread = number_of(answer, "unread"); unread < 0 || unread > last - seq)
    violated("more is unread than there is");
  here.marker = std::max(here.marker, seq);
}

void simulated_client::check_copies(const std::string& room, const membership& here) const {
  message_range range;
  range.room = log_->find_room(room)->id;
  range.after = sequence{0};
  range.limit = 100'000;
  const auto log = log_->read_messages(range)->messages;
  for (const auto& [seq, kept] : here.copies) {
    const auto& stored = log.at(static_cast<std::size_t>(seq - 1));
    if (kept.rev != stored.rev.value || kept.content != stored.content ||
        kept.deleted != stored.deleted_at.has_value())
      violated("did not hear how message " + std::to_string(seq) + " of " + room + " changed");
  }
  const std::vector rooms{range.room};
  if (log_->read_markers(user_, rooms)->front().seq.value < here.marker)
    violated("a read marker went back");
}

} // namespace hubbub::test
