#include "bench/scenario/history_walk.hpp"

#include "bench/client/chat_codec.hpp"
#include "proto/json/json.hpp"
#include "proto/limits.hpp"

namespace hubbub::bench {
namespace {

void replace(std::string& in, std::string_view what, std::string_view by) {
  for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + by.size()))
    in.replace(at, what.size(), by);
}

} // namespace

std::string fill_path(std::string_view path, const path_values& values) {
  std::string filled{path};
  replace(filled, "{room}", values.room);
  replace(filled, "{room_id}", values.room_id);
  replace(filled, "{before}", values.before);
  replace(filled, "{query}", values.query);
  replace(filled, "{limit}", std::to_string(values.limit));
  return filled;
}

void history_walk::begin(const filled_room& room) {
  room_ = &room;
  left_ = room.log->size();
  before_.clear();
  ask();
}

void history_walk::ask() {
  const auto& words = run_->words.http;
  auto path = words.page;
  if (!before_.empty()) path += words.older;
  asked_at_ = run_->loop.tick();
  connection_.get(fill_path(path, {room_->name, room_->id, before_, {}, run_->asked.page}),
                  *this);
}

void history_walk::on_response(http_connection& /*from*/, int status, std::string_view body) {
  times_->add(run_->loop.now() - asked_at_);
  ++run_->measure.counts.requests;
  if (status != http_ok) {
    fail(fault::refused,
         "answered a page with status " + std::to_string(status) + ": " + shown(body));
    return;
  }
  if (take_page(body)) ask();
}

void history_walk::on_no_response(http_connection& /*from*/, std::string why) {
  fail(fault::unexpected_close, why);
}

bool history_walk::take_page(std::string_view body) {
  const auto& words = run_->words;
  const auto parsed = json::parse(body, max_json_depth);
  if (!parsed) return fail(fault::protocol_error, "sent a page that is not JSON");
  const auto root = parsed->root();
  const auto messages = words.http.messages.empty() ? root : root.find(words.http.messages);
  const auto count = messages.size();
  if (count > left_) return fail(fault::duplicate, "sent more messages than there are");
  for (std::size_t i = 0; i < count; ++i) {
    const auto position = words.http.newest_first ? left_ - 1 - i : left_ - count + i;
    const auto content = messages.at(i).find(words.message.content).string();
    const auto key = read_content(content.value_or(""));
    if (!key) return fail(fault::protocol_error, "sent a page with a message that nobody sent");
    if (!(*key == room_->log->at(position)))
      return fail(fault::reordered, "sent a page with another message than members saw there");
  }
  left_ -= count;
  if (left_ == 0) return false;
  if (count < run_->asked.page) {
    run_->faults.add(fault::lost, "a history ended too early", left_);
    return false;
  }
  before_.clear();
  const auto oldest =
      messages.at(words.http.newest_first ? count - 1 : 0).find(words.http.cursor);
  if (const auto text = oldest.string())
    before_ = *text;
  else
    oldest.dump(before_);
  return true;
}

bool history_walk::fail(fault kind, const std::string& why) {
  run_->faults.add(kind, "the server " + why);
  return false;
}

} // namespace hubbub::bench
