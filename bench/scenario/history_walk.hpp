#pragma once

#include "bench/client/http_connection.hpp"
#include "bench/client/room_log.hpp"
#include "bench/histogram.hpp"
#include "bench/scenario/run.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub::bench {

/// A room as HTTP knows it, and what must be found there.
struct filled_room {
  std::string name;
  std::string id; ///< empty where the dialect needs none
  const room_log* log = nullptr;
};

/// Puts a room's name and id, and what else a dialect's path may hold, in their places.
struct path_values {
  std::string_view room;
  std::string_view room_id;
  std::string_view before;
  std::string_view query;
  std::size_t limit = 0;
};
[[nodiscard]] std::string fill_path(std::string_view path, const path_values& values);

/// One reader, page after page.
class history_walk final : http_asker {
 public:
  history_walk(run& of, std::size_t number, histogram& times)
      : run_(&of), connection_(of.loop, of.server, number), times_(&times) {}

  /// Goes through the whole history of a room, from its newest page to its oldest.
  void begin(const filled_room& room);
  [[nodiscard]] bool is_busy() const { return connection_.is_busy(); }

 private:
  void on_response(http_connection& from, int status, std::string_view body) override;
  void on_no_response(http_connection& from, std::string why) override;
  void ask();
  /// Compares a page with what it must hold; false if the walk is over.
  bool take_page(std::string_view body);
  bool fail(fault kind, const std::string& why);

  run* run_;
  http_connection connection_;
  histogram* times_;
  const filled_room* room_ = nullptr;
  std::size_t left_ = 0; ///< messages of the room that are older than all that was seen
  std::string before_;
  moment asked_at_{};
};

} // namespace hubbub::bench
