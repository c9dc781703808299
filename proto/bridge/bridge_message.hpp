#pragma once

#include "proto/bridge/bridge_refusal.hpp"
#include "proto/expected.hpp"
#include "proto/model.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Decodes what programs of Socket.IO's ecosystem publish on a Redis to have its servers emit.
namespace hubbub {

/// An event for clients. It is stored nowhere, unless the settings want that.
struct bridge_event {
  std::string name;
  std::string args_json; ///< the arguments as JSON, joined by commas
  bool to_everybody = false;
  std::vector<room_ref> to = {};     ///< rooms, by name or by id, or sids
  std::vector<room_ref> except = {}; ///< likewise
  bool is_volatile = false;
};
using bridge_outcome = expected<bridge_event, bridge_refusal>;

/// Decodes what `@socket.io/redis-emitter` 5 and the servers with `@socket.io/redis-adapter`
/// publish: the array `[uid, packet, opts]` in MessagePack. Rooms are taken from `opts`, never
/// from the name of the channel.
[[nodiscard]] bridge_outcome decode_emitter_message(std::string_view bytes);

/// Decodes what a `RedisManager` of python-socketio publishes: an object, as a pickle or, from
/// version 5.14 on, as JSON.
[[nodiscard]] bridge_outcome decode_python_message(std::string_view bytes);

} // namespace hubbub
