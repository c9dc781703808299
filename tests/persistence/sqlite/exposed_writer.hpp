#pragma once

#include "persistence/sqlite/sqlite_store.hpp"
#include "persistence/sqlite/sqlite_writer.hpp"
#include "tests/support/catch.hpp"

#include <sqlite3.h>

#include <memory>
#include <string>

namespace hubbub::test {

/// A writer whose connection the test can reach.
struct exposed_writer {
  explicit exposed_writer(const store_config& config)
      : exposed_writer(std::make_shared<sqlite::database>(open_database(config).value()),
                       config) {}
  exposed_writer(const std::shared_ptr<sqlite::database>& db, const store_config& config)
      : connection(db->handle()), writer(db, config) {
    REQUIRE(writer.prepare());
  }

  void pragma(const std::string& text) const {
    REQUIRE(sqlite3_exec(connection, ("PRAGMA " + text).c_str(), nullptr, nullptr, nullptr) ==
            SQLITE_OK);
  }

  sqlite3* connection;
  sqlite_writer writer;
};

} // namespace hubbub::test
