#include "net/program/database_command.hpp"

#include "net/program/fail.hpp"
#include "persistence/maintenance/maintenance.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string_view>
#include <utility>

namespace hubbub {
namespace {

int check(const database_command& command) {
  const auto report = check_database(command.path);
  if (!report) return fail(report.error());
  for (const auto& finding : report->findings)
    std::cout << finding << '\n';
  if (!report->findings.empty()) return EXIT_FAILURE;
  std::cout << "nothing is wrong with " << report->messages << " messages"
            << (report->search_compared ? "" : "; the search was not compared with them")
            << '\n';
  return EXIT_SUCCESS;
}

int back_up(const database_command& command) {
  const auto done = back_up_database(command.path, command.file);
  return done ? EXIT_SUCCESS : fail(done.error());
}

int compact(const database_command& command) {
  const auto done = compact_database(command.path);
  if (!done) return fail(done.error());
  std::cout << done->bytes_before << " bytes before, " << done->bytes_after << " after\n";
  return EXIT_SUCCESS;
}

int export_to(std::ostream& out, const std::string& name, const database_command& command) {
  const auto done = export_room(command.path, *command.room, [&](std::string_view line) {
    out << line << '\n';
    return out.good();
  });
  if (!done) return fail(done.error());
  if (!out.flush()) return fail("cannot write " + name);
  std::cerr << *done << " messages exported\n";
  return EXIT_SUCCESS;
}

int export_messages(const database_command& command) {
  if (command.file.empty()) return export_to(std::cout, "to standard output", command);
  std::ofstream file{command.file};
  if (!file) return fail("cannot write " + command.file);
  return export_to(file, command.file, command);
}

int import_from(std::istream& in, const database_command& command) {
  const auto next = [&in]() -> std::optional<std::string> {
    std::string line;
    if (!std::getline(in, line)) return std::nullopt;
    return line;
  };
  const auto done = import_room(command.path, std::get<std::string>(*command.room), next);
  if (!done) return fail(done.error());
  std::cerr << *done << " messages imported\n";
  return EXIT_SUCCESS;
}

int import_messages(const database_command& command) {
  if (command.file.empty()) return import_from(std::cin, command);
  std::ifstream file{command.file};
  if (!file) return fail("cannot read " + command.file);
  return import_from(file, command);
}

/// Prints how far the copy is, at most once a second.
class progress_line {
 public:
  void operator()(std::string_view table, std::int64_t done, std::int64_t all) {
    const auto now = std::chrono::steady_clock::now();
    if (done < all && table == table_ && now < next_) return;
    table_ = table;
    next_ = now + std::chrono::seconds{1};
    std::cerr << table << ": " << done << " of " << all << '\n';
  }

 private:
  std::string table_;
  std::chrono::steady_clock::time_point next_;
};

int copy(const database_command& command) {
  const auto done = copy_database(command.path, command.file, progress_line{});
  if (!done) return fail(done.error());
  std::cout << "everything was copied\n";
  return EXIT_SUCCESS;
}

CLI::App* add_verb(CLI::App& db, spoken_database_command& said, database_verb verb,
                   const std::string& name, const std::string& help) {
  auto* added = db.add_subcommand(name, help);
  added->set_help_flag("--help,-h", "print this help");
  added->add_option("--db", said.path, "the database, a file or an address [hubbub.db]")
      ->type_name("FILE");
  added->callback([&said, verb] { said.verb = verb; });
  return added;
}

void add_format(CLI::App& verb, spoken_database_command& said) {
  verb.add_option("--format", said.format, "jsonl: a line of JSON for each message [jsonl]")
      ->check(CLI::IsMember({"jsonl"}));
}

} // namespace

void add_database_commands(CLI::App& app, spoken_database_command& said) {
  auto* db = app.add_subcommand("db", "look after a database");
  db->set_help_flag("--help,-h", "print this help");
  db->require_subcommand(1);

  add_verb(*db, said, database_verb::check, "check", "read all of it and say what is wrong");

  auto* backup = add_verb(*db, said, database_verb::backup, "backup",
                          "copy it as it is at one moment, also while it is served");
  backup->add_option("FILE", said.file, "the copy; a file of this name is replaced")
      ->required();

  add_verb(*db, said, database_verb::compact, "compact",
           "give back the room of what was removed, and put an older file in the newer order; "
           "not while it is served");

  auto* out = add_verb(*db, said, database_verb::export_room, "export",
                       "write a room's messages, oldest first");
  auto* which = out->add_option_group("room", "which one");
  which->add_option("--room", said.room, "the room's name")->type_name("NAME");
  which->add_option("--room-id", said.room_id, "the room's number")->type_name("NUMBER");
  which->require_option(1);
  out->add_option("--output", said.file, "where to [standard output]")->type_name("FILE");
  add_format(*out, said);

  auto* in = add_verb(*db, said, database_verb::import_room, "import",
                      "append exported messages to a room; not while it is served");
  in->add_option("--room", said.room, "the room's name; created if it is not there")
      ->type_name("NAME")
      ->required();
  in->add_option("FILE", said.file, "what to read [standard input]");
  add_format(*in, said);

  auto* moved = db->add_subcommand(
      "copy", "copy it into an empty one, file or PostgreSQL; not while either is served");
  moved->set_help_flag("--help,-h", "print this help");
  moved->add_option("FROM", said.path, "the database that is copied")->required();
  moved->add_option("TO", said.file, "the copy; goes on where an earlier attempt ended")
      ->required();
  moved->callback([&said] { said.verb = database_verb::copy; });
}

database_command to_command(const spoken_database_command& said, const std::string& path) {
  database_command command{.verb = *said.verb,
                           .path = said.path.empty() ? path : said.path,
                           .file = said.file,
                           .room = std::nullopt};
  if (said.room_id > 0)
    command.room = room_id{said.room_id};
  else
    command.room = said.room;
  return command;
}

int run_database_command(const database_command& command) {
  switch (command.verb) {
  case database_verb::check: return check(command);
  case database_verb::backup: return back_up(command);
  case database_verb::compact: return compact(command);
  case database_verb::export_room: return export_messages(command);
  case database_verb::import_room: return import_messages(command);
  case database_verb::copy: return copy(command);
  }
  return EXIT_FAILURE;
}

} // namespace hubbub
