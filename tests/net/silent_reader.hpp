#pragma once

#include "actors/interfaces.hpp"

namespace hubbub::test {

/// Takes requests and never answers them.
class silent_reader : public reader_actor::base {
 public:
  using reader_actor::base::base;
  behavior_type make_behavior() override {
    return {
        [this](const message_range&) { return keep<read_outcome>(); },
        [this](const room_query&) { return keep<view_outcome>(); },
        [this](const ask_readings&) { return keep<readings_outcome>(); },
        [this](const search_request&) { return keep<search_outcome>(); },
        [](feed_index) {},
        [this](ask_search_stats) { return keep<search_stats>(); },
        [this](const room_ref&) { return keep<room_outcome>(); },
        [this](const find_state&) { return keep<state_outcome>(); },
        [this](const find_known&) { return keep<known_outcome>(); },
        [this](const list_rooms&) { return keep<list_outcome>(); },
        [this](const find_recoverable&) { return keep<recoverable_outcome>(); },
        [this](const find_missed&) { return keep<missed_outcome>(); },
        [this](const ask_log&) { return keep<log_outcome>(); },
        [this](const ask_heads&) { return keep<heads_outcome>(); },
        [this](const count_members&) { return keep<counts_outcome>(); },
        [this](const find_members&) { return keep<members_outcome>(); },
    };
  }

 private:
  template <class T>
  caf::result<T> keep() {
    return make_response_promise<T>();
  }
};

} // namespace hubbub::test
