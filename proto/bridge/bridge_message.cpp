#include "proto/bridge/bridge_message.hpp"

#include "proto/bridge/msgpack.hpp"
#include "proto/bridge/pickle.hpp"
#include "proto/json/json.hpp"
#include "proto/json/text.hpp"
#include "proto/limits.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace hubbub {
namespace {

// Types of Socket.IO's packets, as its parser numbers them.
constexpr std::int64_t event_type = 2;
constexpr std::int64_t binary_event_type = 5;

unexpected<bridge_refusal> refuse_with(bridge_refusal why) {
  return unexpected(why);
}

bool is_of_the_chat(json::value nsp) {
  return !nsp.exists() || nsp.is_null() || nsp.string() == "/";
}

/// Appends a room or a sid; false if it is neither.
bool append_target(std::vector<room_ref>& to, json::value name) {
  if (const auto text = name.string())
    to.emplace_back(std::string{*text});
  else if (const auto id = name.integer())
    to.emplace_back(room_id{*id});
  else
    return false;
  return true;
}

/// Reads a list of rooms, or one alone; nothing stays nothing.
expected<void, bridge_refusal> read_targets(std::vector<room_ref>& to, json::value from) {
  if (!from.exists() || from.is_null()) return {};
  if (!from.is_array()) {
    if (append_target(to, from)) return {};
    return refuse_with(bridge_refusal::malformed);
  }
  if (from.size() > max_bridge_targets) return refuse_with(bridge_refusal::too_large);
  for (std::size_t i = 0; i < from.size(); ++i)
    if (!append_target(to, from.at(i))) return refuse_with(bridge_refusal::malformed);
  return {};
}

bool read_event_name(bridge_event& made, json::value from) {
  const auto name = from.string();
  if (!name || name->empty() || !valid_utf8(*name)) return false;
  made.name = *name;
  return true;
}

/// Writes the elements of an array from one on, joined by commas.
void read_args(bridge_event& made, json::value array, std::size_t from) {
  for (std::size_t i = from; i < array.size(); ++i) {
    if (i > from) made.args_json += ',';
    array.at(i).dump(made.args_json);
  }
}

expected<void, bridge_refusal> check_size(const bridge_event& made) {
  if (made.args_json.size() > max_bridge_json) return refuse_with(bridge_refusal::too_large);
  return {};
}

/// Reads the object that a `RedisManager` publishes. `tuples` are the members that are tuples.
/// `was_json` if it came as JSON.
bridge_outcome read_python(json::value root, const std::vector<std::string>& tuples,
                           bool was_json) {
  if (!root.is_object()) return refuse_with(bridge_refusal::malformed);
  if (root.find("method").string() != "emit") return refuse_with(bridge_refusal::other_kind);
  if (!is_of_the_chat(root.find("namespace"))) return refuse_with(bridge_refusal::namespaces);
  if (root.find("binary").boolean().value_or(false)) return refuse_with(bridge_refusal::binary);
  bridge_event made;
  if (!read_event_name(made, root.find("event"))) return refuse_with(bridge_refusal::malformed);
  const auto data = root.find("data");
  // As JSON, versions that tell `binary` send a list of arguments; older ones, and pickles,
  // send a tuple of several, or one argument as it is.
  const bool is_list_of_args =
      data.is_array() && (was_json ? root.find("binary").exists()
                                   : std::ranges::find(tuples, "data") != tuples.end());
  if (is_list_of_args)
    read_args(made, data, 0);
  else if (data.exists() && !data.is_null())
    data.dump(made.args_json);
  const auto room = root.find("room");
  made.to_everybody = !room.exists() || room.is_null();
  if (auto read = read_targets(made.to, room); !read) return refuse_with(read.error());
  if (auto read = read_targets(made.except, root.find("skip_sid")); !read)
    return refuse_with(read.error());
  if (auto fits = check_size(made); !fits) return refuse_with(fits.error());
  return made;
}

} // namespace

bridge_outcome decode_emitter_message(std::string_view bytes) {
  // Servers with another adapter use JSON for what they tell each other.
  if (bytes.starts_with('{')) return refuse_with(bridge_refusal::other_kind);
  const auto text = msgpack_to_json(bytes);
  if (!text) return refuse_with(text.error());
  const auto parsed = json::parse(*text, max_json_depth);
  if (!parsed || !parsed->root().is_array()) return refuse_with(bridge_refusal::malformed);
  const auto packet = parsed->root().at(1);
  const auto opts = parsed->root().at(2);
  if (!packet.is_object() || !opts.is_object()) return refuse_with(bridge_refusal::malformed);
  if (!is_of_the_chat(packet.find("nsp"))) return refuse_with(bridge_refusal::namespaces);
  const auto type = packet.find("type").integer();
  if (type == binary_event_type) return refuse_with(bridge_refusal::binary);
  if (type != event_type) return refuse_with(bridge_refusal::other_kind);
  bridge_event made;
  const auto data = packet.find("data");
  if (!data.is_array() || !read_event_name(made, data.at(0)))
    return refuse_with(bridge_refusal::malformed);
  read_args(made, data, 1);
  if (auto read = read_targets(made.to, opts.find("rooms")); !read)
    return refuse_with(read.error());
  if (auto read = read_targets(made.except, opts.find("except")); !read)
    return refuse_with(read.error());
  // An empty list of rooms is everybody, as in Socket.IO itself.
  made.to_everybody = made.to.empty();
  made.is_volatile = opts.find("flags").find("volatile").boolean().value_or(false);
  if (auto fits = check_size(made); !fits) return refuse_with(fits.error());
  return made;
}

bridge_outcome decode_python_message(std::string_view bytes) {
  if (bytes.size() > max_bridge_message) return refuse_with(bridge_refusal::too_large);
  constexpr char pickle_mark = '\x80';
  if (bytes.starts_with(pickle_mark)) {
    const auto read = unpickle(bytes);
    if (!read) return refuse_with(read.error());
    const auto parsed = json::parse(read->json, max_json_depth);
    if (!parsed) return refuse_with(bridge_refusal::malformed);
    return read_python(parsed->root(), read->tuples, false);
  }
  if (!valid_utf8(bytes)) return refuse_with(bridge_refusal::malformed);
  const auto parsed = json::parse(bytes, max_json_depth);
  if (!parsed) return refuse_with(bridge_refusal::malformed);
  return read_python(parsed->root(), {}, true);
}

} // namespace hubbub
