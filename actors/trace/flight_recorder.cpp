#include "actors/trace/flight_recorder.hpp"

#include "proto/trace/trace_file.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace hubbub {
namespace {

/// New ids of unknown keys that are told in a minute.
constexpr unsigned most_key_ids = 8;
constexpr std::int64_t minute_us = 60'000'000;

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
  const auto found = decode_trace(place_of(next_ - 1));
  if (!found) return std::nullopt;
  return found->record.kind;
}

void flight_recorder::note(trace_record step, std::string_view user, std::string_view room) {
  if (record_count_ == 0) return;
  step.time_us = now_us();
  step.user = key_of(user);
  step.room = key_of(room);
  put(step);
}

void flight_recorder::note_by(trace_record step, std::string_view user, std::string_view room,
                              std::string_view by) {
  if (record_count_ == 0) return;
  step.number = key_of(by);
  note(step, user, room);
}

void flight_recorder::note_kept_out(trace_record step, std::string_view user,
                                    std::string_view key_id) {
  if (record_count_ == 0) return;
  step.time_us = now_us();
  step.user = key_of(user);
  step.number = may_tell(key_id, step.time_us) ? key_of(key_id) : 0;
  put(step);
}

void flight_recorder::put(const trace_record& step) {
  if (is_refusal(step.kind)) {
    if (repeats(step)) return;
    runs_.begin(step, next_);
  } else if (step.user != 0) {
    runs_.interrupt(step.user, next_);
  }
  encode_trace(step, next_, place_of(next_));
  ++next_;
}

/// Counts a refusal in the record of an equal one. Returns false if there is none that is
/// recent enough.
bool flight_recorder::repeats(const trace_record& refusal) {
  const auto begun = runs_.find(refusal);
  if (!begun || next_ - *begun > trace_run_reach(record_count_)) return false;
  auto found = decode_trace(place_of(*begun));
  if (!found || found->ordinal != *begun || !is_same_refusal(found->record, refusal))
    return false;
  const auto first_us = found->record.time_us;
  if (first_us > refusal.time_us || first_us < refusal.time_us - longest_trace_run_us)
    return false;
  found->record.seq = with_repeat(found->record, refusal.time_us);
  encode_trace(found->record, *begun, place_of(*begun));
  return true;
}

/// True if the id of an unknown key is remembered already, or few were new of late.
bool flight_recorder::may_tell(std::string_view key_id, std::int64_t time_us) {
  const auto key = trace_key(key_id);
  if (key == 0) return false;
  std::uint64_t there = 0;
  std::memcpy(&there, name_place(key), sizeof there);
  if (there == key) return true;
  if (time_us < key_ids_since_us_ || time_us - key_ids_since_us_ > minute_us) {
    key_ids_since_us_ = time_us;
    key_ids_ = 0;
  }
  if (key_ids_ == most_key_ids) return false;
  ++key_ids_;
  return true;
}

std::span<char, trace_record_size> flight_recorder::place_of(std::uint64_t ordinal) const {
  return std::span<char, trace_record_size>{
      records_ + ordinal % record_count_ * trace_record_size, trace_record_size};
}

/// Returns the place of a name in the table of names.
char* flight_recorder::name_place(std::uint64_t key) const {
  return names_ + key % name_count_ * trace_name_size;
}

/// Returns a name's key, and keeps the name, if another one is at its place.
std::uint64_t flight_recorder::key_of(std::string_view name) {
  const auto key = trace_key(name);
  if (key == 0) return key;
  auto* const place = name_place(key);
  std::uint64_t there = 0;
  std::memcpy(&there, place, sizeof there);
  if (there != key) write_trace_name(key, name, place);
  return key;
}

} // namespace hubbub
