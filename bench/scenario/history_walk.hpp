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

/// A room over HTTP, and the messages that must be found in it.
struct filled_room {
  std::string name;
  std::string id; ///< empty if the dialect needs no id
  const room_log* log = nullptr;
};

/// Fills a room's name, id and the other placeholders into a path of the dialect.
struct path_values {
  std::string_view room;
  std::string_view room_id;
  std::string_view before;
  std::string_view query;
  std::size_t limit = 0;
};
[[nodiscard]] std::string fill_path(std::string_view path, const path_values& values);

/// A reader of one room's history, page after page.
class history_walk final : http_asker {
 public:
  history_walk(run& of, std::size_t number, histogram& times)
      : run_(&of), connection_(of.loop, of.server_for(number), number), times_(&times) {}

  /// Reads the whole history of a room, from its newest page to its oldest.
  void begin(const filled_room& room);
  [[nodiscard]] bool is_busy() const { return connection_.is_busy(); }

 private:
  void on_response(http_connection& from, int status, std::string_view body) override;
  void on_no_response(http_connection& from, std::string why) override;
  void ask();
  /// Compares a page with the messages it must hold; false if the walk is over.
  bool take_page(std::string_view body);
  bool fail(fault kind, const std::string& why);

  run* run_;
  http_connection connection_;
  histogram* times_;
  const filled_room* room_ = nullptr;
  std::size_t left_ = 0; ///< messages of the room that have not been read yet
  std::string before_;
  moment asked_at_{};
};

} // namespace hubbub::bench
