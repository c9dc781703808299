// What only PostgreSQL must do: starts, refusals, other servers, lost connections.
#include "persistence/postgres/pg_address.hpp"
#include "persistence/postgres/pg_scripts.hpp"
#include "tests/persistence/store_fixture.hpp"

using namespace hubbub;
using namespace hubbub::test;

namespace {

bool mentions(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

/// Ends the connections of a store, as a restart of the server does.
void cut_connections(const postgres_backend& backend) {
  run_sql(postgres_server::shared(),
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
          " AND application_name = 'hubbub'");
  std::ignore = backend;
}

/// Does what another server does that takes the database.
void take_over(const postgres_backend& backend) {
  run_sql(backend.config().path, "UPDATE nodes SET epoch = epoch + 1");
}

} // namespace

TEST_CASE(
    "postgres: the rooms of a database that knew no closed ones are open and can be closed") {
  const postgres_backend backend;
  const auto path = backend.config().path;
  constexpr std::size_t before_closed_rooms = 10;
  run_sql(path, "CREATE SCHEMA " + backend.schema.name());
  for (const auto* script : pg::migrations().first(before_closed_rooms))
    run_sql(path, script);
  run_sql(path, "UPDATE settings SET version = 10;"
                "INSERT INTO rooms (id, name, created_at) VALUES (1, 'tea', 5)");
  opened db{backend.config()};
  CHECK_FALSE(db.reader().find_room("tea")->is_closed);
  std::ignore = db.append(say(first_room, "ann", "green tea", "a-1"));
  const op::change_room close{first_room, std::nullopt, std::nullopt, "ann", true};
  CHECK(std::get<room_record>(db.write(close)).is_closed);
  CHECK(failed_with(db.write(say(first_room, "ann", "black tea")), store_error::not_repeated));
}

TEST_CASE("postgres: a database is named by a URL or by keywords") {
  for (const std::string address :
       {"postgres://ann@db:5432/chat", "postgresql:///chat", "host=db dbname=chat", "dbname=x"})
    CHECK(pg::is_address(address));
  for (const std::string path :
       {"hubbub.db", ":memory:", "a=b.db", "/var/postgres/x.db", "=", ""})
    CHECK_FALSE(pg::is_address(path));
}

TEST_CASE("postgres: an address is shown without its password") {
  CHECK(pg::shown("postgres://ann:secret@db:5432/chat") == "postgres://ann@db:5432/chat");
  CHECK(pg::shown("host=db password=secret dbname=chat") == "postgres://db/chat");
}

TEST_CASE("postgres: everything outlives the server") {
  postgres_backend backend;
  auto config = backend.config();
  std::vector<message> before;
  std::array<std::uint8_t, 16> secret{};
  {
    opened db{config};
    secret = db.whole().secret();
    const auto room = db.create("tea");
    std::ignore = db.append(say(room, "ann", "one", "c1"));
    std::ignore = db.append(say(room, "ann", "two"));
    std::ignore = db.write(op::edit_message{room, sequence{1}, "ann", "first"});
    before = db.log(room);
  }
  opened db{config};
  CHECK(db.whole().secret() == secret);
  CHECK(secret != std::array<std::uint8_t, 16>{});
  CHECK(db.log(room_id{1}) == before);
  const auto next = db.append(say(room_id{1}, "ann", "three")).stored;
  CHECK(next.seq == sequence{3});
  CHECK(next.rev == revision{4});
  CHECK(db.append(say(room_id{1}, "ann", "again", "c1")).repeated);
}

TEST_CASE("postgres: a second server is refused while the first lives") {
  postgres_backend backend;
  {
    opened db{backend.config()};
    CHECK(mentions(refusal(backend.config()), "another server uses the database"));
  }
  opened db{backend.config()};
  CHECK(db.create("tea") == room_id{1});
}

TEST_CASE("postgres: what cannot be used is refused with a sentence") {
  postgres_backend backend;
  auto config = backend.config();
  SECTION("a newer schema") {
    { opened db{config}; }
    run_sql(config.path, "UPDATE settings SET version = 99");
    CHECK(mentions(refusal(config), "newer version of Hubbub"));
  }
  SECTION("tables of another program") {
    run_sql(config.path,
            "CREATE SCHEMA " + backend.schema.name() + "; CREATE TABLE messages ()");
    CHECK(mentions(refusal(config), "tables of another program"));
  }
  SECTION("a collation that is not ours") {
    { opened db{config}; }
    run_sql(config.path, "DROP VIEW room_records; ALTER TABLE rooms ALTER name"
                         " TYPE text COLLATE \"und-x-icu\"");
    CHECK(mentions(refusal(config), "rooms.name"));
  }
  SECTION("a database that is not in UTF-8") {
    const auto name = backend.schema.name();
    run_sql(postgres_server::shared(),
            "CREATE DATABASE " + name + " ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    config.path = postgres_server::shared() + "&dbname=" + name;
    CHECK(mentions(refusal(config), "LATIN1"));
    run_sql(postgres_server::shared(), "DROP DATABASE " + name);
  }
  SECTION("no server") {
    config.path = "postgres://nobody@127.0.0.1:1/none";
    CHECK(mentions(refusal(config), "postgres://nobody@127.0.0.1:1/none"));
  }
  SECTION("a copy that is not whole") {
    { opened db{config}; }
    run_sql(config.path, "CREATE TABLE copying ()");
    CHECK(mentions(refusal(config), "a copy that is not whole"));
  }
}

TEST_CASE("postgres: connections that were cut are made again") {
  postgres_backend backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "one", "c1"));
  cut_connections(backend);
  CHECK(db.append(say(room, "ann", "two", "c2")).stored.seq == sequence{2});
  CHECK(db.log(room).size() == 2);
  cut_connections(backend);
  CHECK(db.log(room).size() == 2);
  db.fill(room, 100);
  CHECK(db.log(room).size() == 102);
  cut_connections(backend);
  db.fill(room, 100);
  CHECK(db.reader().find_room(room)->last_seq == sequence{202});
}

TEST_CASE("postgres: who lost the database to another server writes nothing more") {
  postgres_backend backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  std::ignore = db.append(say(room, "ann", "one"));
  take_over(backend);
  CHECK(failed_with(db.write(say(room, "ann", "two")), store_error::io));
  CHECK(failed_with(db.write(op::mark_read{room, "ann", sequence{1}}), store_error::io));
  CHECK(db.log(room).size() == 1);
}

TEST_CASE("postgres: a batch of many kinds is applied in order") {
  postgres_backend backend;
  opened db{backend.config()};
  const auto room = db.create("tea");
  op::enter_recoverable enter;
  enter.session = recovery_id{7};
  enter.pid_hash.fill(3);
  enter.user_id = "ann";
  enter.room = room;
  std::vector<write_op> ops;
  for (int i = 0; i < 20; ++i)
    ops.emplace_back(say(room, "ann", std::to_string(i), "c" + std::to_string(i % 10)));
  ops.emplace_back(op::edit_message{room, sequence{3}, "ann", "edited"});
  ops.emplace_back(say(room, "ann", "x", "c2")); // a repeat of the message that was just edited
  ops.emplace_back(enter);
  ops.emplace_back(op::delete_message{room, sequence{1}, "ann"});
  ops.emplace_back(op::mark_read{room, "bob", sequence{99}});
  ops.emplace_back(op::expel_user{room, "ann"});
  ops.emplace_back(enter);
  ops.emplace_back(op::end_recoverable{recovery_id{7}});
  ops.emplace_back(enter);
  const auto outcomes = db.writer().commit(ops, now);
  REQUIRE(outcomes.size() == ops.size());
  for (std::size_t i = 0; i < 20; ++i) {
    const auto& done = std::get<appended>(outcomes[i]);
    CHECK(done.repeated == (i >= 10));
    CHECK(done.stored.seq.value == static_cast<std::int64_t>(i % 10) + 1);
    CHECK(done.stored.content == std::to_string(i % 10));
    CHECK(done.stored.id.value > 0);
  }
  CHECK(std::get<changed>(outcomes[20]).now.rev == revision{11});
  CHECK(std::get<appended>(outcomes[21]).stored.content == "edited");
  CHECK(std::get<room_position>(outcomes[22]) ==
        room_position{room, sequence{10}, revision{11}});
  CHECK(std::get<changed>(outcomes[23]).now.deleted_at == now);
  CHECK(std::get<marked>(outcomes[24]).seq == sequence{10});
  CHECK(std::get<expelled>(outcomes[25]).sessions == std::vector{recovery_id{7}});
  CHECK(std::get<room_position>(outcomes[26]).rev == revision{12});
  CHECK(failed_with(outcomes[28], store_error::session_over));
  const auto log = db.log(room);
  REQUIRE(log.size() == 10);
  CHECK(log[0].deleted_at == now);
  CHECK(log[2].content == "edited");
  CHECK(log[2].id == std::get<appended>(outcomes[2]).stored.id);
  const auto session = *db.reader().find_recoverable(recovery_id{7});
  REQUIRE(session);
  CHECK(session->ended_at == now);
  CHECK(session->joined == std::vector{room_position{room, sequence{10}, revision{12}}});
}

TEST_CASE("postgres: rooms keep their counters whatever retention removes") {
  postgres_backend backend;
  auto config = backend.config();
  config.retention = {{.room_pattern = "*", .max_age_ms = 10}};
  opened db{config};
  const auto room = db.create("tea");
  db.fill(room, 5);
  std::ignore = db.write(op::edit_message{room, sequence{2}, "ann", "edited"});
  const auto before = *db.reader().find_room(room);
  for (const timestamp later{now.value + 11}; db.writer().purge(later);) {
  }
  const auto after = *db.reader().find_room(room);
  CHECK(after.first_seq == sequence{6});
  CHECK(after.last_seq == before.last_seq);
  CHECK(after.last_rev == before.last_rev);
  CHECK(after.last_message_at == before.last_message_at);
  CHECK(db.append(say(room, "ann", "next")).stored.rev == revision{7});
}
