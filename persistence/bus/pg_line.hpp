#pragma once

#include "persistence/bus/bus_line.hpp"
#include "persistence/postgres/pg_connection.hpp"

#include <optional>
#include <utility>

namespace hubbub {

/// A bus over NOTIFY in the PostgreSQL that the nodes share, on a connection of its own: within
/// a writer's transaction a NOTIFY would make all commits of the server wait for each other.
class pg_line final : public bus_line {
 public:
  explicit pg_line(std::string database) : database_(std::move(database)) {}

  [[nodiscard]] expected<void, std::string> connect(milliseconds patience) override;
  void close() override;
  void subscribe(const std::string& channel) override;
  void unsubscribe(const std::string& channel) override;
  bool publish(const std::string& channel, std::string_view text) override;
  [[nodiscard]] expected<bus_catch, std::string> pass(const bus_bell& bell,
                                                      milliseconds patience) override;

 private:
  [[nodiscard]] expected<void, std::string> change_channels(bus_catch& caught);
  [[nodiscard]] expected<void, std::string> send_some();

  std::string database_;
  std::optional<pg::connection> open_;
  std::string orders_;                 ///< LISTEN and UNLISTEN that are to be sent
  std::vector<std::string> listening_; ///< the channels that they will confirm
  std::vector<bus_catch::message> queue_;
  std::size_t queued_ = 0; ///< bytes in the queue
};

} // namespace hubbub
