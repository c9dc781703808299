// What becomes of a client that reads more slowly than it is sent to: messages are skipped, or
// it is closed.
#include "net/engine/engine_connection.hpp"
#include "net/log/log.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

namespace hubbub {

/// Handles a queue above its soft bound. Returns false if the client reads too slowly and was
/// closed.
bool engine_connection::make_room(const frame& next) {
  const auto& room = next.about().room;
  const bool at_soft = room && room->policy == slow_reader_policy::disconnect;
  const auto bound =
      at_soft ? thread_->config().max_volatile_bytes : thread_->config().max_queue_bytes;
  // What was queued within one loop pass need not mean a slow reader, so it is flushed first.
  if (queued_bytes() > bound) flush();
  if (queued_bytes() <= bound || engine_.closed()) return true;
  if (!at_soft) {
    skip_messages();
    // If little was gained, it would soon be tried again, each time at the cost of walking the
    // queue.
    if (queued_bytes() <= bound / 2) return true;
  }
  overrun("queue");
  return false;
}

void engine_connection::skip_messages() {
  const auto skipped =
      websocket_ ? websocket_->skip_messages() : polling().queue.skip_messages();
  has_skipped = has_skipped || skipped.messages > 0;
  thread_->stats().messages_skipped += skipped.messages;
  thread_->stats().gaps_sent += skipped.gaps;
  if (skipped.messages > 0)
    note({.kind = trace_kind::skipped, .number = std::uint64_t{skipped.messages}}, {});
}

void engine_connection::give_up() {
  const auto self = shared_from_this();
  if (!engine_.closed()) overrun("memory");
}

void engine_connection::note(trace_record step, std::string_view room) const {
  auto* const recorder = thread_->recorder();
  if (recorder == nullptr) return;
  step.connection =
      trace_connection::of({static_cast<std::uint32_t>(thread_->handle().index), serial_});
  recorder->note(step, user(), room);
}

/// Closes the session since it holds too much: in its own queue, or while memory is short.
void engine_connection::overrun(std::string_view reason) {
  ++thread_->stats().slow_readers;
  // The queue is walked once more to be released, so this costs no more than the end itself.
  const auto fullest = websocket_ ? websocket_->fullest_room() : polling().queue.fullest_room();
  const auto room = fullest.room ? std::string_view{fullest.room->name} : std::string_view{};
  note({.kind = trace_kind::overrun,
        .code = static_cast<std::uint8_t>(reason == "memory" ? 1 : 0),
        .number = std::uint64_t{held_bytes()}},
       room);
  if (logs(log_event::slow_reader))
    log(log_event::slow_reader, "a client was closed, since too much waits for it",
        {{"reason", reason},
         {"connection", number()},
         {"user", user()},
         {"client", to_string(client)},
         {"held_bytes", std::uint64_t{held_bytes()}},
         {"room", room},
         {"room_bytes", std::uint64_t{fullest.bytes}}});
  auto& waiting = polling();
  waiting.queue.clear();
  // A frame may be half written; nothing can follow it, not even a close packet.
  for (auto* const each : {&websocket_, &waiting.candidate})
    if (const auto socket = std::exchange(*each, nullptr)) socket->drop();
  close(close_reason::slow_reader);
}

} // namespace hubbub
