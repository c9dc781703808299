#include "proto/chat/api_body.hpp"
#include "proto/chat/moderation_body.hpp"
#include "proto/json/text.hpp"
#include "tests/fuzz/require.hpp"

#include <algorithm>
#include <cstdint>

namespace {

using namespace hubbub;
using namespace hubbub::test;

const chat_limits limits;

void check_moderation(const moderation_result& read) {
  if (!read) return require(!read.error().message.empty());
  const auto is_name = [](const std::string& name) {
    require(clean_name(name, limits.username, "user_id") == name);
  };
  if (const auto* put = std::get_if<command::put_standing>(&*read)) is_name(put->user_id);
  if (const auto* kick = std::get_if<command::kick_user>(&*read)) is_name(kick->user_id);
  if (const auto* set = std::get_if<command::configure_room>(&*read)) {
    require(set->is_private || set->owner || set->is_closed);
    if (set->owner) is_name(*set->owner);
  }
}

void check_bodies(std::string_view body) {
  if (const auto room = parse_new_room(body, limits))
    require(clean_name(room->name, limits.room_name, "name") == room->name);
  check_moderation(parse_set_room(body, limits));
  check_moderation(parse_kick_user(body, limits));
  check_moderation(parse_put_standing(standing_kind::ban, body, body, limits));
  if (const auto edit = parse_edit_body(body, limits)) {
    require(clean_content(edit->content, limits.content) == edit->content);
    require(clean_name(edit->user_id, limits.username, "username") == edit->user_id);
  }
  for (const bool room_in_body : {false, true}) {
    const auto post = parse_post_message(body, room_in_body, {}, limits);
    if (!post) continue;
    require(post->room.has_value() == room_in_body);
    require(clean_content(post->content, limits.content) == post->content);
    require(clean_name(post->username, limits.username, "username") == post->username);
    require(!post->client_id || post->user_id != "anonymous");
  }
}

void check_key(std::string_view key) {
  const auto post =
      parse_post_message(R"({"content":"x","username":"ann"})", false, key, limits);
  require(!post || post->client_id.has_value() != key.empty());
  require(!post || (valid_utf8(post->client_id.value_or("")) &&
                    !has_control(post->client_id.value_or(""))));
}

/// Splits `name=value&…` without decoding, which is not tested here.
query_params split(std::string_view text) {
  query_params params;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    const auto name = pair.substr(0, pair.find('='));
    const auto value = pair.substr(std::min(pair.size(), name.size() + 1));
    params.push_back({std::string{name}, std::string{value}});
  }
  return params;
}

void check_queries(const query_params& params) {
  if (const auto rooms = parse_rooms_query(params)) {
    require(rooms->limit >= 1 && rooms->limit <= max_room_page && rooms->after.value >= 0);
    require(valid_utf8(rooms->q) && count_characters(rooms->q) <= max_query);
    require(valid_utf8(rooms->user_id.value_or("")));
  }
  if (const auto messages = parse_history_query(params)) {
    require(messages->limit >= 1 && messages->limit <= max_page);
    for (const auto& seq : {messages->before, messages->after, messages->around})
      require(seq.value_or(sequence{}).value >= 0);
    require(!messages->around || (!messages->before && !messages->after));
    require(valid_utf8(messages->user_id.value_or("")));
  }
  if (const auto terms = parse_search_terms(params)) {
    require(!terms->q.empty() && count_characters(terms->q) <= max_search);
    require(terms->offset >= 0 && terms->offset <= max_search_offset);
    require(terms->limit >= 1 && terms->limit <= max_search_page);
  }
  if (const auto author = parse_author(params, limits))
    require(clean_name(*author, limits.username, "username") == *author);
  if (const auto members = parse_members_query(params)) {
    require(members->limit >= 1 && members->limit <= max_member_page);
    require(valid_utf8(members->after.value_or("")));
  }
}

} // namespace

/// Parses the same bytes as a body, as a query and as a segment of a path.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  check_bodies(input);
  check_key(input);
  check_queries(split(input));
  if (const auto id = parse_room_id(input)) require(id->value > 0);
  if (const auto seq = parse_message_seq(input)) require(seq->value > 0);
  return 0;
}
