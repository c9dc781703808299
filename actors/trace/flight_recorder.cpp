#include "actors/trace/flight_recorder.hpp"

#include "proto/trace/trace_file.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace hubbub {
namespace {

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

} // namespace

flight_recorder::flight_recorder(std::span<char> space)
    : names_(space.data()), name_count_(trace_names_in(space.size())),
      records_(space.data() + name_count_ * trace_name_size),
      record_count_(trace_records_in(space.size())) {
  for (std::size_t i = 0; i < record_count_; ++i) {
    const auto found = decode_trace(std::span<const char, trace_record_size>{
        records_ + i * trace_record_size, trace_record_size});
    // A number at the wrong place was never written by a ring.
    if (found && found->ordinal % record_count_ == i)
      next_ = std::max(next_, found->ordinal + 1);
  }
}

std::optional<trace_kind> flight_recorder::newest() const {
  if (next_ == 0) return std::nullopt;
  const auto* const at = records_ + (next_ - 1) % record_count_ * trace_record_size;
  const auto found =
      decode_trace(std::span<const char, trace_record_size>{at, trace_record_size});
  if (!found) return std::nullopt;
  return found->record.kind;
}

void flight_recorder::note(trace_record step, std::string_view user, std::string_view room) {
  if (record_count_ == 0) return;
  step.time_us = now_us();
  step.user = key_of(user);
  step.room = key_of(room);
  auto* const at = records_ + next_ % record_count_ * trace_record_size;
  encode_trace(step, next_, std::span<char, trace_record_size>{at, trace_record_size});
  ++next_;
}

void flight_recorder::note_by(trace_record step, std::string_view user, std::string_view room,
                              std::string_view by) {
  if (record_count_ == 0) return;
  step.number = key_of(by);
  note(step, user, room);
}

/// Returns a name's key, and keeps the name, if another one is at its place.
std::uint64_t flight_recorder::key_of(std::string_view name) {
  const auto key = trace_key(name);
  if (key == 0) return key;
  auto* const place = names_ + key % name_count_ * trace_name_size;
  std::uint64_t there = 0;
  std::memcpy(&there, place, sizeof there);
  if (there != key) write_trace_name(key, name, place);
  return key;
}

} // namespace hubbub
